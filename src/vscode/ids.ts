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
/** URI scheme of a plan as a text: `orchestrator-plan:/<run>/<title>.orchestrator-plan.json`. */
export const PLAN_SCHEME = 'orchestrator-plan';
/** Panels; also the ids by which VS Code brings them back after a reload. */
export const PANELS = { conversation: 'orchestrator.conversation', graph: 'orchestrator.graph' } as const;
/** Not for people: keys of the tasks view run it before they select the focused row. */
export const SELECTING_BY_KEY = 'orchestrator.selectingByKey';
/** (command, its arguments …) what a click does on a row that is neither run nor task. */
export const CLICK_ROW = 'orchestrator.clickRow';
/** URI scheme of results in an editor: `orchestrator-result:/<run>/<task>/<title>.md`. */
export const RESULT_SCHEME = 'orchestrator-result';
/** URI scheme of the sides of a proposed edit: `orchestrator-edit:/<path>.txt?run=<run>&side=base|proposed`. */
export const EDIT_SCHEME = 'orchestrator-edit';
/** URI scheme of proposed texts while language support looks at them; nobody is shown them. */
export const CHECK_SCHEME = 'orchestrator-check';

/** Context key: the active editor shows all proposed edits of a run, and they may be decided about here. */
export const REVIEWING = 'orchestrator.reviewing';
/** Context key: addresses (URIs) of proposed edits that an editor shows by itself and that may be decided about here. */
export const DECIDABLE = 'orchestrator.decidable';

/** Context key: the History view shows what a search found. */
export const SEARCHING = 'orchestrator.searchingHistory';

export const STATUS_ITEM = 'orchestrator.status';

export const VIEWS = {
  tasks: 'orchestrator.tasks',
  backends: 'orchestrator.backends',
  history: 'orchestrator.history',
} as const;

/** Private tool that shows a running task as a row of the chat answer; offered to no model. */
export const TASK_ROW_TOOL = 'orchestrator_task';

/** Of our MCP server, as VS Code starts it. */
export const MCP_PROVIDER = 'orchestrator.mcp';

export const SLASH_COMMANDS = ['plan', 'run', 'task', 'resume', 'spend', 'help'] as const;

/** Arguments: `run` and `task` are ids; a tree node is taken in their place. */
export const COMMANDS = {
  /** (run, task?) opens the conversation beside; of a run without a task, the `subtask:` document. */
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
  /** Shows the next older runs. */
  moreRuns: 'orchestrator.moreRuns',
  /** Looks for backends again and checks each. */
  refreshBackends: 'orchestrator.refreshBackends',
  /** (backend row) checks one, after consent for its host. */
  checkBackend: 'orchestrator.checkBackend',
  addBackend: 'orchestrator.addBackend',
  /** Asks which tools agents may be given. */
  chooseTools: 'orchestrator.chooseTools',
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
  /** (run, {inChat}?) the plan that waits runs as it is now; its answer streams into the chat, or a notification tells of it. */
  approvePlan: 'orchestrator.approvePlan',
  /** (run, task?, field?) opens the plan as a JSON document; saving applies it. */
  editPlan: 'orchestrator.editPlan',
  /** (run) takes back the last change of the plan. */
  undoPlanEdit: 'orchestrator.undoPlanEdit',
  /** (run, task?) */
  addTask: 'orchestrator.addTask',
  /** (run, task) asks which field, then for its value. */
  editTask: 'orchestrator.editTask',
  /** (run, task, title?) */
  renameTask: 'orchestrator.renameTask',
  /** (run, task) */
  deleteTask: 'orchestrator.deleteTask',
  /** (run, task) */
  cloneTask: 'orchestrator.cloneTask',
  /** (run, task) */
  cloneTaskWithConversation: 'orchestrator.cloneTaskWithConversation',
  /** (run, task) */
  moveTaskUp: 'orchestrator.moveTaskUp',
  /** (run, task) */
  moveTaskDown: 'orchestrator.moveTaskDown',
  /** (run, task) asks which tasks it depends on. */
  setDependencies: 'orchestrator.setDependencies',
  /** (run, task) asks for a backend. */
  changeBackend: 'orchestrator.changeBackend',
  /** (run, task) autonomous, interactive, hybrid, and around. */
  changeMode: 'orchestrator.changeMode',
  /** (run, task) a new attempt. */
  retryTask: 'orchestrator.retryTask',
  /** (run, task) */
  retryElsewhere: 'orchestrator.retryElsewhere',
  /** (run, task) at once. */
  stopTask: 'orchestrator.stopTask',
  /** (run, task) */
  stopAndKeep: 'orchestrator.stopAndKeep',
  /** (run, task) asks for the result. */
  markDone: 'orchestrator.markDone',
  /** (run, task, text?) without a text it asks for one. */
  sayToTask: 'orchestrator.sayToTask',
  /** (run, task, text?) a new task that goes on from its conversation. */
  continueTask: 'orchestrator.continueTask',
  /** (run, task?) in an editor. */
  openResult: 'orchestrator.openResult',
  /** (run?) */
  openGraph: 'orchestrator.openGraph',
  /** (run) the same plan; what did not change is used again. */
  runAgain: 'orchestrator.runAgain',
  /** (run) nothing is used again. */
  runAgainFresh: 'orchestrator.runAgainFresh',
  /** Reveals the tasks view. */
  showTasks: 'orchestrator.showTasks',
  /** (text?) */
  searchHistory: 'orchestrator.searchHistory',
  clearSearch: 'orchestrator.clearSearch',
  refreshHistory: 'orchestrator.refreshHistory',
  /** The next page of runs. */
  moreHistory: 'orchestrator.moreHistory',
  /** (run, file?) as JSON or Markdown, by the ending. */
  exportRun: 'orchestrator.exportRun',
  /** (run) */
  deleteRun: 'orchestrator.deleteRun',
  /** (run) shows it in the tasks view and opens it. */
  openRun: 'orchestrator.openRun',
} as const;
