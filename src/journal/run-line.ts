/** Runs that were made from a run, and from those, and so on: they use its results again (core/reuse). */

/** One of them that has not finished, of the run `?1`. */
export const UNFINISHED_BELOW = `WITH RECURSIVE below (run) AS (
    SELECT run FROM runs WHERE from_run = ?1 AND digested >= 0
    UNION SELECT runs.run FROM runs JOIN below ON runs.from_run = below.run WHERE runs.digested >= 0
  ) SELECT run FROM runs JOIN below USING (run) WHERE outcome IS NULL LIMIT 1`;
