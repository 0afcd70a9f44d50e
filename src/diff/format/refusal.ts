/** Which hazards stand between a plan and its application, and the flags that take them away. */
import { type HazardId, hazardIds, type Plan } from '../../model/plan.ts';

export interface HazardSummary {
  readonly id: HazardId;
  /** One phrase a place: an address, or the sentence of a hazard of the whole plan. */
  readonly places: readonly string[];
}

/** Every hazard of the plan, sorted by id; each place once, in the plan's order. */
export function hazardSummaries(plan: Plan): readonly HazardSummary[] {
  return hazardIds.flatMap((id) => {
    const places = [
      ...plan.hazards.filter((hazard) => hazard.id === id).map((hazard) => hazard.message),
      ...plan.changes.filter((change) => change.hazards.includes(id)).map((change) => change.address),
    ];
    return places.length === 0 ? [] : [{ id, places }];
  });
}

/** The hazards that `allowed` does not name; apply goes ahead only when there are none. */
export function refusedHazards(plan: Plan, allowed: ReadonlySet<HazardId>): readonly HazardId[] {
  return hazardSummaries(plan)
    .map(({ id }) => id)
    .filter((id) => !allowed.has(id));
}

/** The command that would go ahead. */
export function allowingCommand(refused: readonly HazardId[]): string {
  return `mailc apply ${refused.map((id) => `--allow ${id}`).join(' ')}`;
}
