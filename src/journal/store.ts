import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../base/clock.ts';
import { CallTable } from './call-table.ts';
import { CommandTable } from './command-table.ts';
import { DigestTable } from './digest-table.ts';
import { EventTable } from './event-table.ts';
import { LeaseTable, type Owner } from './lease-table.ts';
import { fileIdentity, type OpenDatabase } from './open-database.ts';
import type { OwnerWatch } from './owner-watch.ts';
import { RetentionTable } from './retention-table.ts';
import { RunList } from './run-list.ts';
import { RunRemoval } from './run-removal.ts';
import { SlotTable } from './slot-table.ts';
import { SpendList } from './spend-list.ts';

export interface StoreOptions {
  readonly file: string;
  readonly owner: Owner;
  readonly watch: OwnerWatch;
  readonly clock: Clock;
}

/** One open database with everything that works on it. */
export class Store {
  readonly db: DatabaseSync;
  readonly leases: LeaseTable;
  readonly digests: DigestTable;
  readonly events: EventTable;
  readonly runs: RunList;
  readonly spend: SpendList;
  readonly removal: RunRemoval;
  readonly retention: RetentionTable;
  readonly commands: CommandTable;
  readonly slots: SlotTable;
  readonly #file: string;
  readonly #identity: string;

  constructor(opened: OpenDatabase, options: StoreOptions) {
    this.db = opened.db;
    this.#file = options.file;
    this.#identity = opened.identity;
    const leases = new LeaseTable(this.db, options.owner, options);
    this.leases = leases;
    this.digests = new DigestTable(this.db);
    const calls = new CallTable(this.db);
    this.events = new EventTable(this.db, { digests: this.digests, calls });
    this.runs = new RunList(this.db, (owner) => leases.lives(owner));
    this.spend = new SpendList(this.db, { calls, lives: (owner) => leases.lives(owner) });
    this.removal = new RunRemoval(this.db, { digests: this.digests, calls });
    this.retention = new RetentionTable(this.db, { id: options.owner.id, lives: (owner) => leases.lives(owner) });
    this.commands = new CommandTable(this.db, leases);
    this.slots = new SlotTable(this.db, options.owner.id, (owner) => leases.lives(owner));
  }

  /** Does the path no longer lead to this file? Then what is written goes nowhere. */
  isGone(): boolean {
    return fileIdentity(this.#file) !== this.#identity;
  }

  close(): void {
    this.db.close();
  }
}
