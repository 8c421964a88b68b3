/** Every resource of the API, in the order of the documents. */

import type { Collection } from '../../inventory/types.ts';
import { operationsOf } from '../crud.ts';
import { homeOperations } from '../home.ts';
import type { Operation } from '../operation.ts';
import { fieldNames } from '../references.ts';
import type { Resource } from '../resource.ts';
import { architectures } from './architectures.ts';
import { auditOperations } from './audits.ts';
import { bootOperations } from './boots.ts';
import { commonParameters } from './common-parameters.ts';
import { diagnosisOperations } from './diagnosis.ts';
import { domains } from './domains.ts';
import { hostgroups } from './hostgroups.ts';
import { hosts } from './hosts.ts';
import { interfaceOperations } from './interfaces.ts';
import { media } from './media.ts';
import { models } from './models.ts';
import { neighbourOperations } from './neighbours.ts';
import { operatingsystems } from './operatingsystems.ts';
import { osDefaultTemplateOperations } from './os-default-templates.ts';
import { accessTokenOperations } from './personal-access-tokens.ts';
import { provisioningTemplates } from './provisioning-templates.ts';
import { ptables } from './ptables.ts';
import { realms } from './realms.ts';
import { roleOperations } from './roles.ts';
import { parameterOperations } from './scoped-parameters.ts';
import { sessionOperations } from './sessions.ts';
import { settingOperations } from './settings.ts';
import { smartProxies } from './smart-proxies.ts';
import { subnets } from './subnets.ts';
import { locations, organizations } from './taxonomies.ts';
import { templateCombinationOperations } from './template-combinations.ts';
import { templateKindOperations } from './template-kinds.ts';
import { usergroups } from './usergroups.ts';
import { currentUser, users } from './users.ts';

/** The type of what a resource's functions take differs from one to the next; whoever lists them all sees none. */
export const RESOURCES = [
  architectures,
  commonParameters,
  domains,
  hostgroups,
  hosts,
  locations,
  media,
  models,
  operatingsystems,
  organizations,
  provisioningTemplates,
  ptables,
  realms,
  smartProxies,
  subnets,
  usergroups,
  users,
] as unknown as readonly Resource<Collection>[];

export const OPERATIONS: readonly Operation[] = [
  ...homeOperations,
  ...RESOURCES.flatMap(operationsOf),
  currentUser,
  ...accessTokenOperations,
  ...auditOperations,
  ...interfaceOperations,
  ...bootOperations,
  ...diagnosisOperations,
  ...neighbourOperations,
  ...osDefaultTemplateOperations,
  ...parameterOperations,
  ...roleOperations,
  ...sessionOperations,
  ...settingOperations,
  ...templateCombinationOperations,
  ...templateKindOperations,
];

const NAMES = new Map(RESOURCES.map((resource) => [resource.name, fieldNames(resource)]));

/** The API's names of the fields of a resource. */
export function fieldNamesOf(resource: string): (path: string) => string {
  return NAMES.get(resource) ?? ((path) => path);
}
