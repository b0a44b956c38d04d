"""The paper's figures, each drawn anew beside the settings of its caption."""
