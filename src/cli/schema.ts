import { Argument, type Command } from 'commander';
import { configJsonSchema, siteJsonSchema } from '../config/json-schema.ts';
import { printJson } from './output.ts';

const SCHEMAS = { site: siteJsonSchema, config: configJsonSchema } as const;

export function schemaVerb(program: Command): void {
  program
    .command('schema')
    .description('JSON Schema (draft 2020-12) of site files or of the configuration, for editors')
    .addArgument(new Argument('[of]', 'what it describes').choices(Object.keys(SCHEMAS)).default('site'))
    .action((of: keyof typeof SCHEMAS) => printJson(SCHEMAS[of]()));
}
