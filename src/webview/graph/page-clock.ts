/** The extension's wall time: its clock may be that of another machine. */
export class PageClock {
  #offsetMs = 0;

  set(nowMs: number): void {
    this.#offsetMs = nowMs - Date.now();
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs;
  }
}
