/** What becomes of an occurrence: its Event is written, or joined with one that waits, or dropped, or not taken. */
export const eventResults = ['written', 'joined', 'dropped', 'refused'] as const;
export type EventResult = (typeof eventResults)[number];
