/** Every id that package.json and the code share; a test compares the two. */

export const EXTENSION_SECTION = 'orchestrator';
export const CONTAINER = 'orchestrator';
export const PARTICIPANT = 'orchestrator.chat';
/** What the user types: `@orchestrator`. */
export const PARTICIPANT_NAME = 'orchestrator';
/** Vendor of the language models that we publish; never a backend of our own roster. */
export const LM_VENDOR = 'orchestrator';
/** URI scheme of the readable documents: `subtask:/<run>` and `subtask:/<run>/<task>`. */
export const SUBTASK_SCHEME = 'subtask';
/** URI scheme of the sides of a proposed edit: `orchestrator-edit:/<path>.txt?run=<run>&side=base|proposed`. */
export const EDIT_SCHEME = 'orchestrator-edit';
/** URI scheme of proposed texts while language support looks at them; nobody is shown them. */
export const CHECK_SCHEME = 'orchestrator-check';

/** Context key: the active editor shows the proposed edits of a run. */
export const REVIEWING = 'orchestrator.reviewing';

export const VIEWS = {
  tasks: 'orchestrator.tasks',
  backends: 'orchestrator.backends',
} as const;

/** Private tool that shows a running task as a row of the chat answer; offered to no model. */
export const TASK_ROW_TOOL = 'orchestrator_task';

export const SLASH_COMMANDS = ['plan', 'run', 'resume', 'spend', 'help'] as const;

/** Arguments: `run` and `task` are ids; a tree node is taken in their place. */
export const COMMANDS = {
  /** (run, task?) opens the `subtask:` document beside. */
  openTask: 'orchestrator.openTask',
  /** (run) */
  cancelRun: 'orchestrator.cancelRun',
  /** (run, task?) result of a task, or the answer of the run, to the clipboard; returns it. */
  copyResult: 'orchestrator.copyResult',
  /** (run) goes on with an interrupted run: a chat turn `/resume <run>`. */
  resumeRun: 'orchestrator.resumeRun',
  /** (run) returns tree and answer as text. */
  showRunText: 'orchestrator.showRunText',
  /** Reads the runs of the journal again. */
  refreshTasks: 'orchestrator.refreshTasks',
  /** Looks for backends again and checks each. */
  refreshBackends: 'orchestrator.refreshBackends',
  /** (backend row) checks one, after consent for its host. */
  checkBackend: 'orchestrator.checkBackend',
  addBackend: 'orchestrator.addBackend',
  /** Replaces or deletes stored keys. */
  manageKeys: 'orchestrator.manageKeys',
  /** Shows which hosts data may go to, and takes an answer back. */
  reviewConsent: 'orchestrator.reviewConsent',
  /** Opens the settings.json that holds the roster. */
  openRoster: 'orchestrator.openRoster',
  /** Fills the chat input with a sample request. */
  askSample: 'orchestrator.askSample',
  showLog: 'orchestrator.showLog',
  /** (run?) shows all open edits of a run's proposal in the multi-diff editor. */
  reviewEdits: 'orchestrator.reviewEdits',
  /** (run?) applies every open edit that can be. */
  applyEdits: 'orchestrator.applyEdits',
  /** (run?) applies those of the open edits that the person ticks. */
  chooseEdits: 'orchestrator.chooseEdits',
  /** (run?) */
  discardEdits: 'orchestrator.discardEdits',
  /** (run?) puts back what was there before. */
  revertEdits: 'orchestrator.revertEdits',
  /** (run, path) */
  applyEditFile: 'orchestrator.applyEditFile',
  /** (run, path) */
  discardEditFile: 'orchestrator.discardEditFile',
  /** (run, path) asks which side of a conflict counts. */
  resolveEdit: 'orchestrator.resolveEdit',
  /** (run, path) merges with what is on disk by now. */
  mergeEditAgain: 'orchestrator.mergeEditAgain',
  /** (run, path) one file's diff. */
  openEditDiff: 'orchestrator.openEditDiff',
} as const;
