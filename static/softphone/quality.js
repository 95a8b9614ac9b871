// Whether the sound of a call is bad. The limits are those of the call history (core/call_quality.py).
const INTERVAL = 5000; // ms
const MAX_LOSS = 0.03;
const MAX_JITTER = 0.03; // s
const MAX_ROUND_TRIP = 0.3; // s
const GOOD_BEFORE_CLEAR = 2; // good intervals in a row after a bad one

/** Call `onChange` with true when the sound becomes bad and with false when it is good again. Return how to stop. */
export const watchQuality = (connection, onChange) => {
  let before = null;
  let isBad = false;
  let goodIntervals = 0;
  const setBad = (value) => {
    if (value !== isBad) onChange(value);
    isBad = value;
  };
  const timer = setInterval(async () => {
    const now = readStats(await connection.getStats());
    if (before && isBadInterval(before, now)) {
      goodIntervals = 0;
      setBad(true);
    } else if (++goodIntervals >= GOOD_BEFORE_CLEAR) {
      setBad(false);
    }
    before = now;
  }, INTERVAL);
  return () => clearInterval(timer);
};

const readStats = (stats) => {
  const result = { lost: 0, received: 0, jitter: 0, sentLoss: 0, roundTrip: 0 };
  for (const item of stats.values()) {
    if (item.kind !== "audio") continue;
    if (item.type === "inbound-rtp") {
      Object.assign(result, { lost: item.packetsLost, received: item.packetsReceived, jitter: item.jitter ?? 0 });
    } else if (item.type === "remote-inbound-rtp") {
      Object.assign(result, { sentLoss: item.fractionLost ?? 0, roundTrip: item.roundTripTime ?? 0 });
    }
  }
  return result;
};

const isBadInterval = (before, now) => {
  const lost = now.lost - before.lost;
  const expected = lost + now.received - before.received;
  return (
    (expected > 0 && lost / expected > MAX_LOSS) || now.sentLoss > MAX_LOSS || now.jitter > MAX_JITTER ||
    now.roundTrip > MAX_ROUND_TRIP
  );
};
