/** Every resource of the API, in the order of the documents. */

import type { Collection } from '../../inventory/types.ts';
import { operationsOf } from '../crud.ts';
import { homeOperations } from '../home.ts';
import type { Operation } from '../operation.ts';
import { fieldNames } from '../references.ts';
import type { Resource } from '../resource.ts';
import { domains } from './domains.ts';

/** The type of what a resource's functions take differs from one to the next; whoever lists them all sees none. */
export const RESOURCES: readonly Resource<Collection>[] = [domains as unknown as Resource<Collection>];

export const OPERATIONS: readonly Operation[] = [...homeOperations, ...RESOURCES.flatMap(operationsOf)];

const NAMES = new Map(RESOURCES.map((resource) => [resource.name, fieldNames(resource)]));

/** The API's names of the fields of a resource. */
export function fieldNamesOf(resource: string): (path: string) => string {
  return NAMES.get(resource) ?? ((path) => path);
}
