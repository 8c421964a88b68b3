/** Where a host is: its domain, realm, organization and location. */

import { type Domain, nestedTitle, type Realm, type Taxonomy } from '../../inventory/types.ts';
import { textOrNil } from '../convert.ts';
import { inherit } from '../ruby/core/table.ts';
import { RObject, str, type Value } from '../ruby/values.ts';
import { classTable, methods, nil, RECORD } from './table.ts';

const DOMAIN = classTable(
  inherit(RECORD, methods<Domain>({ fullname: [0, ({ fullname }) => textOrNil(fullname)] })),
  { to_label: 'name' },
);

const REALM = classTable(
  inherit(RECORD, methods<Realm>({ realm_type: [0, ({ realm_type }) => str(realm_type)] })),
  { to_label: 'name' },
);

const TAXONOMY = classTable(
  inherit(
    RECORD,
    methods<Taxonomy>({
      title: [0, (taxonomy) => str(nestedTitle(taxonomy))],
      description: [0, ({ description }) => textOrNil(description)],
      created_at: [0, nil],
      updated_at: [0, nil],
    }),
  ),
  { to_s: 'title', to_label: 'title' },
);

export function domainObject(domain: Domain | undefined): Value {
  return domain === undefined ? null : new RObject('Domain', DOMAIN, domain);
}

export function realmObject(realm: Realm | undefined): Value {
  return realm === undefined ? null : new RObject('Realm', REALM, realm);
}

export function organizationObject(organization: Taxonomy | undefined): Value {
  return organization === undefined ? null : new RObject('Organization', TAXONOMY, organization);
}

export function locationObject(location: Taxonomy | undefined): Value {
  return location === undefined ? null : new RObject('Location', TAXONOMY, location);
}
