// A shop's days are days in Shanghai, wherever the shopper's device is.
const ZONE = { timeZone: "Asia/Shanghai" };
const DAY = { month: "short", day: "numeric" };
const TIME = { hour: "2-digit", minute: "2-digit", hour12: false, hourCycle: "h23" };
const LOCALES = { zh: "zh-CN", en: "en-GB" };

// `at` is an ISO 8601 instant, or a date of ten characters; the year is told when it is not the present one.
export function clock(at, language) {
  const dated = at.length === 10;
  const instant = new Date(dated ? `${at}T00:00:00+08:00` : at);
  if (Number.isNaN(instant.getTime())) return at;
  const year = (one) => one.toLocaleDateString("en-CA", { ...ZONE, year: "numeric" });
  const parts = { ...ZONE, ...DAY, ...(dated ? {} : TIME) };
  if (year(instant) !== year(new Date())) parts.year = "numeric";
  return new Intl.DateTimeFormat(LOCALES[language], parts).format(instant);
}
