/** What the authorization server says when it says no, as an answer like any other: the reader wants to see it. */
import * as oidc from 'openid-client'
import type { Answer } from './sandbox.ts'

const json = [['content-type', 'application/json']] as const

/** The result, or the refusal that the server gave in its place. What is no refusal rises. */
export const refusalIn = async <T>(ask: () => Promise<T>): Promise<T | Answer> => {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof oidc.ResponseBodyError)
      return { status: error.status, headers: json, body: JSON.stringify(error.cause, null, 2) }
    if (error instanceof oidc.AuthorizationResponseError)
      return {
        status: 403,
        headers: json,
        body: JSON.stringify(Object.fromEntries(error.cause), null, 2),
      }
    throw error
  }
}
