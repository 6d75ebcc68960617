import ignore, { type Ignore } from 'ignore';
import type { Allowance, DataRule } from '../core/data-rule.ts';

/** Where the text of one file may go, and which rule says so. */
export interface Verdict {
  readonly allow: Allowance;
  /** What decided; `never` is what no rule can change. */
  readonly by: 'nothing' | 'user' | 'default' | 'git' | 'workspace' | 'never';
  /** For a person, completes "It is kept back: …"; empty when nothing in particular decided. */
  readonly why: string;
  /** The pattern of the rule that decided, if one did. */
  readonly rule?: string;
}

/** Files that commonly hold keys or passwords. */
const WITHHELD_BY_DEFAULT = [
  ...['*.env', '.env', '.env.*', '.envrc'],
  ...['*.pem', '*.key', '*.p12', '*.pfx', '*.p8', '*.jks', '*.keystore', '*.kdbx', '*.ppk', '*.ovpn', '*.gpg'],
  ...[
    'id_rsa*',
    'id_dsa*',
    'id_ecdsa*',
    'id_ed25519*',
    '.ssh/',
    '.gnupg/',
    '.aws/',
    '.azure/',
    '.kube/',
    '.gcloud/',
    '**/.docker/config.json',
  ],
  ...[
    '.npmrc',
    '.pypirc',
    '.netrc',
    '_netrc',
    '.git-credentials',
    '.htpasswd',
    '.pgpass',
    '.my.cnf',
    '.s3cfg',
    '.boto',
    '.vault-token',
    '.dockercfg',
  ],
  ...[
    'credentials.json',
    'client_secret*.json',
    'service-account*.json',
    'service_account*.json',
    'secrets.json',
    'secrets.yml',
    'secrets.yaml',
    'secrets.toml',
  ],
  ...['*.tfstate', '*.tfstate.*', '*.tfvars', 'local.settings.json', 'wallet.dat'],
];

/** Of these, the ones that hold only names and public halves. */
const SHOWN_BY_DEFAULT = ['.env.example', '.env.sample', '.env.template', '.env.dist', '*.pub', '*.pub.pem'];

const STRICTNESS: Readonly<Record<Allowance, number>> = { anywhere: 0, local: 1, nowhere: 2 };

/** Rules of one allowance that stand next to each other; their order does not matter. */
interface Group {
  readonly allow: Allowance;
  readonly rules: Ignore;
}

/**
 * Where files may go: the repository's own folder nowhere, ever; then the user's rules, the defaults and git's, the
 * first of these that says something; and after that the workspace's rules, which can only be stricter.
 */
export class DataRules {
  readonly #defaults = group([
    ...withAllowance(WITHHELD_BY_DEFAULT, 'nowhere'),
    ...withAllowance(SHOWN_BY_DEFAULT, 'anywhere'),
  ]);
  readonly #user: readonly Group[];
  readonly #workspace: readonly Group[];
  /** False when a folder that is kept back cannot hold a file that a rule of the user lets through. */
  readonly canLift: boolean;

  constructor(rules: readonly DataRule[]) {
    this.#user = group(rules.filter((rule) => rule.level === 'user'));
    this.#workspace = group(rules.filter((rule) => rule.level === 'workspace'));
    this.canLift = this.#user.some((one) => one.allow !== 'nowhere');
  }

  /** `path` is relative to its folder, with `/` at the end for a folder; `ignoredBy` is the rule by which git ignores it. */
  verdict(path: string, ignoredBy: string | undefined): Verdict {
    if (path.split('/').some((segment) => segment.toLowerCase() === '.git'))
      return { allow: 'nowhere', by: 'never', why: "the repository's own folder .git is never read" };
    const own = lastMatch(this.#user, path, 'user') ?? this.#byDefault(path, ignoredBy);
    const tighter = lastMatch(this.#workspace, path, 'workspace');
    return tighter !== undefined && STRICTNESS[tighter.allow] > STRICTNESS[own.allow] ? tighter : own;
  }

  #byDefault(path: string, ignoredBy: string | undefined): Verdict {
    const found = lastMatch(this.#defaults, path, 'default');
    if (found?.allow === 'nowhere') return found;
    if (ignoredBy !== undefined) return { allow: 'nowhere', by: 'git', why: `git ignores it (${ignoredBy})` };
    return { allow: 'anywhere', by: 'nothing', why: '' };
  }
}

export function stricter(a: Verdict, b: Verdict): Verdict {
  return STRICTNESS[b.allow] > STRICTNESS[a.allow] ? b : a;
}

/** Why a file is kept back and what a person can do about it; `path` is relative to its folder. */
export function whyWithheld(verdict: Verdict, path: string): string {
  return `It is kept back: ${verdict.why}. ${whatToDo(verdict, path)}`;
}

function whatToDo(verdict: Verdict, path: string): string {
  if (verdict.by === 'never') return 'Name another file.';
  if (verdict.by === 'user') return 'Change orchestrator.dataRules in your user settings to let it be read.';
  if (verdict.by === 'workspace') return "Change orchestrator.dataRules in the workspace's settings to let it be read.";
  const glob = `/${path.replaceAll(/[\\*?[\]]/g, '\\$&')}`;
  return `To let it be read, add {"glob": ${JSON.stringify(glob)}, "allow": "local"} to orchestrator.dataRules in your user settings.`;
}

function withAllowance(
  globs: readonly string[],
  allow: Allowance,
): readonly { readonly glob: string; readonly allow: Allowance }[] {
  return globs.map((glob) => ({ glob, allow }));
}

function group(rules: readonly { readonly glob: string; readonly allow: Allowance }[]): readonly Group[] {
  const groups: Group[] = [];
  for (const { glob, allow } of rules) {
    const last = groups.at(-1);
    if (last?.allow === allow) last.rules.add(glob);
    else groups.push({ allow, rules: ignore().add(glob) });
  }
  return groups;
}

const WHOSE = { user: 'your rule', default: 'the default rule', workspace: "the workspace's rule" } as const;

function lastMatch(groups: readonly Group[], path: string, by: keyof typeof WHOSE): Verdict | undefined {
  for (const { allow, rules } of groups.toReversed()) {
    const result = rules.test(path);
    if (!result.ignored) continue;
    const rule = result.rule?.pattern ?? '';
    return { allow, by, why: `${WHOSE[by]} "${rule}" sends it ${SENDS[allow]}`, rule };
  }
  return undefined;
}

const SENDS: Readonly<Record<Allowance, string>> = {
  anywhere: 'anywhere',
  local: 'to local backends only',
  nowhere: 'nowhere',
};
