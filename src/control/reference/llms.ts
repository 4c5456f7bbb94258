/** What a language model needs to find its way here (llmstxt.org): one line for each operation and guide. */
import type { Guide } from './guides.ts'
import type { ProductEntry } from './index.ts'

export const llmsText = (products: readonly ProductEntry[], guides: readonly Guide[]): string =>
  [
    '# Partner APIs',
    '',
    '> The bank’s APIs for partners: FAPI 2.0, OpenAPI 3.1, a sandbox without waiting.',
    '',
    '## Guides',
    '',
    ...guides.map((guide) => `- [${guide.title}](/guides/${guide.id}.md): ${guide.about}`),
    ...products.flatMap((product) => [
      '',
      `## ${product.title}`,
      '',
      product.summary,
      '',
      `- [OpenAPI document](/api/products/${product.id}/openapi.json), version ${product.version}`,
      ...product.operations.map(
        (operation) =>
          `- [${operation.method} ${operation.path}](/reference/${product.id}/${operation.id}): ${operation.summary}`,
      ),
    ]),
    '',
  ].join('\n')
