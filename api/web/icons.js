// Paths on a 20 × 20 grid, drawn as 1.7-wide strokes.
export const CROSS = "M5.5 5.5l9 9M14.5 5.5l-9 9";
export const DOWN = "M10 4.5v11M5.5 11l4.5 4.5 4.5-4.5";
export const PERSON = "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.8-3 3.1-4.5 6-4.5s5.2 1.5 6 4.5";
export const PICTURE = "M3.5 5.5h13v10h-13zM3.5 13l3.6-3.4 3 2.8 2.6-2.2 3.8 3.3M12.8 8.6h.01";
export const PLUS = "M10 4.5v11M4.5 10h11";
export const SPEECH = "M4 4.5h12a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5H9.5L6 17.5v-3H4A1.5 1.5 0 0 1 2.5 13V6A1.5 1.5 0 0 1 4 4.5z";
export const SUN_MOON = "M10 3.2a6.8 6.8 0 1 0 0 13.6 6.8 6.8 0 0 0 0-13.6zM10 3.2v13.6M13 5v10";
export const UP = "M10 15.5v-11M5 9l5-5 5 5";
