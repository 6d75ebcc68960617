/** Midnight before `wallMs` in this machine's time zone. */
export function startOfDay(wallMs: number): number {
  return new Date(wallMs).setHours(0, 0, 0, 0);
}
