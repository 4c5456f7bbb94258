/** The products' OpenAPI documents as the bank publishes them. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

export const productIds = ['accounts', 'payments', 'cards'] as const

/** A fresh copy each time: a test may spoil it. */
export const bankDocument = (product: (typeof productIds)[number]): Record<string, unknown> => {
  const url = new URL(`../src/bank/${product}/openapi.yaml`, import.meta.url)
  return parse(readFileSync(url, 'utf8')) as Record<string, unknown>
}

export const bankDocuments = () =>
  productIds.map((product) => ({ product, openapi: bankDocument(product) }))
