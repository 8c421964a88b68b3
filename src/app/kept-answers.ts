/** What goes with every answer to a machine, whether it asked us or a proxy of ours. */

import type { Answerer } from '../boot/answer.ts';
import type { Core } from './core.ts';

/**
 * Another process (the CLI) may have changed the inventory a moment ago: look before a script is rendered. A machine
 * that goes round in circles with this very question is answered anew, as one that is held. What a host is given is
 * kept, to be compared with what it would be given later.
 */
export function keptAnswers({ inventory, renderings, guard }: Core, answer: Answerer): Answerer {
  return async (question) => {
    await inventory.refresh();
    const first = await answer(question);
    const answered = (await guard.answered(question, first)) ? await answer(question) : first;
    const host = answered.host === undefined ? undefined : inventory.site.get('hosts', answered.host);
    if (answered.ok && !answered.held && host !== undefined) {
      const { text, template, mac } = answered;
      renderings.record({ host: host.id, kind: question.kind, template, text, at: Date.now(), mac });
    }
    return answered;
  };
}
