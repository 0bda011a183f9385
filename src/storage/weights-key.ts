/** What features of an image depend on beside the image: weights and data types. */
export const weightsKey = (
  checkpointId: string,
  revision: string,
  dtype: Readonly<Record<string, string>>,
): string => JSON.stringify([checkpointId, revision, Object.entries(dtype).sort()]);
