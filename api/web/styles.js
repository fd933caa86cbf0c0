// Style sheets as text into the shadow root: a host page then needs no style-src for us, and its own sheets stay out.
const sheets = new Map();

function sheet(name) {
  if (!sheets.has(name)) sheets.set(name, load(name));
  return sheets.get(name);
}

async function load(name) {
  const made = new CSSStyleSheet();
  try {
    const answer = await fetch(new URL(`${name}.css`, import.meta.url), { credentials: "omit" });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return await made.replace(await answer.text());
  } catch (error) {
    sheets.delete(name); // the next wish tries again
    throw error;
  }
}

export async function adopt(root, ...names) {
  const wanted = await Promise.all(names.map(sheet));
  const fresh = wanted.filter((one) => !root.adoptedStyleSheets.includes(one));
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, ...fresh];
}
