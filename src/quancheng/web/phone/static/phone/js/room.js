// A device without room.

/** Whether a step failed because the device is full. */
export function isFull(failure) {
  return failure?.name === "QuotaExceededError";
}

/** Do what is good to have and no reason to stop: a full device goes on without it. */
export async function ifRoom(step) {
  try {
    return await step();
  } catch (failure) {
    if (!isFull(failure)) throw failure;
    return null;
  }
}
