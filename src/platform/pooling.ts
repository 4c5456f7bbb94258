/** What a connection pooler between us and PostgreSQL does not carry, and where else it goes. */
import type { Settings } from './config.ts'

type Role = 'CONTROL' | 'AUTHORIZATION' | 'BANK' | 'GATEWAY' | 'VAULT' | 'COURIER'

/** For `openPostgres`: whether statements are prepared, and the way past the pooler for who listens. */
export const pooling = (
  settings: Settings,
  role: Role,
): { readonly prepare: boolean; readonly directUrl?: string } => {
  const directUrl = settings[`PORTICO_DATABASE_DIRECT_URL_${role}`]
  return {
    prepare: settings.PORTICO_DATABASE_PREPARE === 'on',
    ...(directUrl !== undefined && { directUrl }),
  }
}
