// Ask for the page once when the lost connection to the server is back.

let stop = () => {};

export default function ({ setTriggerValue }) {
  stop();
  const app = document.querySelector('[data-testid="stApp"]');
  const state = () => app.dataset.testConnectionState;
  let lost = state() !== "CONNECTED";
  const observer = new MutationObserver(() => {
    const connected = state() === "CONNECTED";
    if (connected && lost) setTriggerValue("back", true);
    lost = !connected;
  });
  observer.observe(app, { attributes: true, attributeFilter: ["data-test-connection-state"] });
  stop = () => observer.disconnect();
  return stop;
}
