// The agent's page when the account's phone is another one: only heartbeats, and whether that phone is registered.
import { sendHeartbeat, setRegistrationState, startSession } from "./agent-session.js";

startSession({
  kind: "other",
  heartbeatSeconds: 5,
  start: sendHeartbeat,
  isBusy: () => false,
  onContact: ({ contact, reachable }) =>
    setRegistrationState(!contact ? "away" : reachable ? "registered" : "unreachable"),
  onNumberLost: () => location.reload(),
});
