const CENTS = new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const WHOLE = new Intl.NumberFormat("zh-CN", { maximumFractionDigits: 0 });

export const money = (fen) => `¥${(fen % 100 ? CENTS : WHOLE).format(fen / 100)}`;
