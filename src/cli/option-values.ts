/** Reads the values of options. What is thrown is commander's own way to say that a value does not fit. */
import { InvalidArgumentError } from 'commander';
import { STRATEGIES, type Strategy } from '../core/run-request.ts';
import { SHOW_FORMATS, type ShowFormat } from './command.ts';

const MOST_COUNT = 1_000_000_000_000;
const LONGEST_MS = 30 * 24 * 3_600_000;
const MOST_USD = 1_000_000;
const MOST_AT_ONCE = 1000;

interface Kind {
  readonly isWhole: boolean;
  readonly least: number;
  readonly most: number;
  readonly expected: string;
}

function numberReader(kind: Kind): (text: string) => number {
  return (text) => {
    const value = /^\d+(?:\.\d+)?(?:e[+-]?\d{1,3})?$/i.test(text) ? Number(text) : Number.NaN;
    const fits = value >= kind.least && value <= kind.most && (!kind.isWhole || Number.isInteger(value));
    if (!fits) throw new InvalidArgumentError(`Expected ${kind.expected}.`);
    return value;
  };
}

export const readUsd = numberReader({
  isWhole: false,
  least: 0,
  most: MOST_USD,
  expected: 'a number of US dollars from 0 to 1000000, for example 0.5',
});

export const readTokens = numberReader({
  isWhole: true,
  least: 1,
  most: MOST_COUNT,
  expected: 'a whole number of tokens, at least 1, for example 200000',
});

export const readMs = numberReader({
  isWhole: true,
  least: 1,
  most: LONGEST_MS,
  expected: 'a whole number of milliseconds from 1 to 2592000000 (30 days), for example 600000',
});

export const readIterations = numberReader({
  isWhole: true,
  least: 1,
  most: MOST_COUNT,
  expected: 'a whole number of model calls, at least 1, for example 40',
});

export const readConcurrency = numberReader({
  isWhole: true,
  least: 1,
  most: MOST_AT_ONCE,
  expected: 'a whole number of tasks at once from 1 to 1000, for example 4',
});

export const readPort = numberReader({
  isWhole: true,
  least: 0,
  most: 65_535,
  expected: 'a port from 1 to 65535, or 0 for any that is free',
});

export function readStrategy(text: string): Strategy {
  const strategy = STRATEGIES.find((known) => known === text);
  if (strategy === undefined) throw new InvalidArgumentError(`Expected ${STRATEGIES.join(', ')}.`);
  return strategy;
}

export function readFormat(text: string): ShowFormat {
  const format = SHOW_FORMATS.find((known) => known === text);
  if (format === undefined) throw new InvalidArgumentError(`Expected ${SHOW_FORMATS.join(', ')}.`);
  return format;
}

export function readText(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty; write something between the quotes.');
  return text;
}

export function readMore(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), readText(text)];
}
