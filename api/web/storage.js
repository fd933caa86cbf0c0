// localStorage may be full, forbidden or hold another version's data; the page works without it.
const memory = new Map();

export function read(key, fallback) {
  try {
    const kept = localStorage.getItem(key) ?? memory.get(key);
    return kept ? JSON.parse(kept) : fallback;
  } catch {
    return memory.has(key) ? JSON.parse(memory.get(key)) : fallback;
  }
}

export function write(key, value) {
  const kept = JSON.stringify(value);
  try {
    localStorage.setItem(key, kept);
    memory.delete(key);
  } catch {
    memory.set(key, kept);
  }
}

export function forget(key) {
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept there either
  }
}
