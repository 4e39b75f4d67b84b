/** docs/pipeline.schema.json, from the definitions of filters. */
import type { AnyFilter } from '../lib/engine/filter.js';
import { kebabCase } from '../lib/engine/option-text.js';
import type { OptionSpec, OptionSpecs } from '../lib/engine/options.js';
import { pipelineSettings } from '../lib/sequence/pipeline-file.js';

/** A JSON Schema of pipeline files, so that editors can complete and check them. */
export function pipelineSchema(filters: readonly AnyFilter[]): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'exrpipe pipeline',
    type: 'object',
    required: ['pipeline'],
    additionalProperties: false,
    properties: {
      ...Object.fromEntries(Object.entries(pipelineSettings).map(([name, spec]) => [name, valueSchema(spec)])),
      pipeline: {
        description: 'filters and their options, in the order in which they work',
        type: 'array',
        minItems: 1,
      },
    },
    // The filters of plug-ins are not known here.
    if: { required: ['plugins'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { properties: { pipeline: { items: { type: ['string', 'object'], maxProperties: 1 } } } },
    else: { properties: { pipeline: { items: { anyOf: [bareStep(filters), ...filters.map(stepSchema)] } } } },
  };
}

/** A filter without options is just its name. */
function bareStep(filters: readonly AnyFilter[]): object {
  const names = filters.flatMap(({ definition: { name, options } }) =>
    requiredOptions(options).length === 0 ? [name] : [],
  );
  return { description: 'a filter without options', enum: names };
}

function requiredOptions(options: OptionSpecs): string[] {
  return Object.entries(options).flatMap(([option, spec]) =>
    'required' in spec && spec.required ? [kebabCase(option)] : [],
  );
}

function stepSchema({ definition: { name, summary, options } }: AnyFilter): object {
  const properties = Object.fromEntries(
    Object.entries(options).map(([option, spec]) => [kebabCase(option), valueSchema(spec)]),
  );
  const required = requiredOptions(options);
  const step = {
    type: required.length > 0 ? 'object' : ['object', 'null'],
    additionalProperties: false,
    properties,
    ...(required.length > 0 && { required }),
  };
  return {
    type: 'object',
    description: summary,
    required: [name],
    additionalProperties: false,
    properties: { [name]: step },
  };
}

function valueSchema(spec: OptionSpec): object {
  const { summary: description } = spec;
  // YAML reads 0101 or true as something else than text; exrpipe takes what stands there.
  const text = { type: ['string', 'number', 'boolean'] };
  switch (spec.type) {
    case 'flag':
      return { description, type: 'boolean' };
    case 'number':
      return {
        description,
        type: 'number',
        ...(spec.min !== undefined && { minimum: spec.min }),
        ...(spec.max !== undefined && { maximum: spec.max }),
      };
    case 'choice':
      return { description, enum: spec.choices };
    case 'list':
    case 'files':
      return { description, anyOf: [text, { type: 'array', minItems: 1, items: text }] };
    case 'text':
    case 'file':
      return { description, ...text };
  }
}
