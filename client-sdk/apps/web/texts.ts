// Which text for which name, in the language of this page: Dutch unless the person chose otherwise.
import { en } from './en';
import { nl } from './nl';

export type Language = 'nl' | 'en';
export const catalogues: Readonly<Record<Language, Readonly<Record<string, string>>>> = { nl, en };

// Errors that a person can do the same about: their names share a text.
const SAME: Readonly<Record<string, readonly string[]>> = {
  busy: ['local_busy', 'storage_failed', 'too_many_connections', 'too_many_requests', 'overloaded', 'too_slow', 'outstanding_limit', 'stale_epoch',
         'shutting_down'],
  no_connection: ['disconnected', 'no_answer'],
  // One end said something that the other cannot place: an old page, or a program with a fault.
  not_understood: ['malformed_frame', 'frame_too_large', 'too_many_items', 'unknown_body', 'wrong_state', 'text_frame', 'counter_gap',
                   'payload_too_large', 'bad_message', 'bad_acknowledgement', 'epoch_ahead', 'bad_bundle', 'unsupported_commit',
                   'channel_exists', 'unknown_channel', 'unknown_member', 'not_a_member', 'protocol_violation', 'request_too_large',
                   'bad_chain', 'unknown_device', 'bad_key_package', 'key_package_limit', 'bad_nack', 'generation_taken', 'generation_unfounded',
                   'generation_replaced', 'group_info_refused', 'history_refused', 'expired_too_soon'],
  version_unsupported: ['unsupported_version'],
  invite_used: ['invite_exists', 'invite_decided'],
  invite_terms: ['bad_invite', 'invite_kind_mismatch', 'inviter_not_coach', 'bad_redeem_mac'],
  // What only staff can ask.
  not_here: ['not_allowed', 'not_allowed_for_role', 'no_such_invite', 'invite_state', 'too_many_invites', 'too_many_channels',
             'bad_organisation', 'bad_certificate', 'bad_staff_request', 'no_such_message', 'message_not_provable', 'bad_offer', 'bad_standing',
             'bad_status_key', 'bad_status_book', 'standing_final', 'status_book_full', 'share_unreadable', 'share_line_mistyped',
             'share_line_missing', 'share_mistyped', 'shares_mixed', 'share_twice', 'shares_too_few', 'shares_wrong'],
  no_such_member: ['no_relation', 'commit_not_allowed'],
};
const shared = new Map(Object.entries(SAME).flatMap(([key, names]) => names.map((name) => [name, key] as const)));

let language: Language = 'nl';
export function setLanguage(next: Language): void {
  language = next;
}
export function currentLanguage(): Language {
  return language;
}

// The key whose text says this error or alarm; null: only the general one does. An alarm can also come as the answer to a request.
export function keyFor(key: string): string | null {
  const [area = '', name = ''] = key.split('.');
  if (key in nl) return key;
  if (area !== 'error') return null;
  const other = shared.get(name);
  if (other !== undefined) return `error.${other}`;
  return `alarm.${name}` in nl ? `alarm.${name}` : null;
}

// The text of `key` with its {values}; an unknown error or alarm says its name, so that a coach can pass it on.
export function say(key: string, values: Readonly<Record<string, string>> = {}): string {
  const [area = '', name = ''] = key.split('.');
  const texts = catalogues[language];
  return (texts[keyFor(key) ?? `${area}.unknown`] ?? key).replace(/\{(\w+)\}/g, (all, wanted: string) => values[wanted] ?? (wanted === 'name' ? name : all));
}

// As people write it: a day, or a day and a time.
export function dayText(ms: bigint): string {
  return new Date(Number(ms)).toLocaleDateString(language === 'nl' ? 'nl-NL' : 'en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
}
export function momentText(ms: bigint): string {
  return new Date(Number(ms)).toLocaleString(language === 'nl' ? 'nl-NL' : 'en-GB');
}
