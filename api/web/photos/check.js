export const TYPES = ["image/jpeg", "image/png", "image/webp"];
export const MOST_BYTES = 8 * 1024 * 1024;
export const MOST = 4; // pictures in one message

// The key of what is wrong with a file before it is sent, or null. The service looks at its content again.
export function fault(file) {
  if (!TYPES.includes(file.type)) return "pictureType";
  if (!file.size) return "pictureEmpty";
  return file.size > MOST_BYTES ? "pictureSize" : null;
}
