// Whose desk this is, and whom it has recognised.
export function showShop(root, shop) {
  const name = shop?.name ?? "";
  root.getElementById("shop-name").textContent = name;
  root.getElementById("shop-mark").textContent = [...name][0] ?? "";
}

export function showShopper(root, shopper) {
  const tag = root.getElementById("shopper");
  const words = [shopper?.name, shopper?.tier].filter(Boolean).join(" · ");
  tag.hidden = !words;
  root.getElementById("tagline").hidden = Boolean(words);
  tag.textContent = words;
}
