"""The dashboard's log: a JSON object a line on standard error."""

import json
import logging

from dashboard.service import worker
from dashboard.service.environment import SET


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message, and what `extra` brought."""

    USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        extra = {name: value for name, value in vars(record).items() if name not in self.USUAL}
        line = {"time": round(record.created, 3), "level": record.levelname.lower(),
                "logger": record.name, "message": record.getMessage(), **extra}
        if worker.COUNT > 1:
            line["worker"] = worker.NUMBER
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def in_json() -> None:
    """Send the dashboard's log to standard error, a JSON object a line."""
    logger = logging.getLogger("dashboard")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.setLevel(SET["log_level"].upper())
        logger.propagate = False
