// Everything that the jongere reads, at level A2: short sentences, one thing each, what you can do and whom to ask.
export const nl: Readonly<Record<string, string>> = {
  'join.title': 'Je coach nodigt je uit',
  'join.what': 'Hier kun je met je coach praten. Alleen jij en je coach kunnen lezen wat jullie schrijven.',
  'join.code': 'De code van je coach (20 letters en cijfers)',
  'join.name': 'Hoe heet je?',
  'join.button': 'Meedoen',
  'join.link-stays': 'Je browser onthoudt deze link. De link werkt maar één keer. Liever niet? Vraag je coach om een code om te typen.',
  'join.proof': 'Goed om te weten. Jij en je coach kunnen later bewijzen wat hier is geschreven.',

  'notice.opening': 'Even wachten. De app start.',
  'notice.elsewhere': 'Steiger is al open in een ander tabblad. Ga daarheen, of sluit dat tabblad.',
  'notice.waiting': 'Gelukt. Je coach ziet nu dat je er bent. Even wachten op je coach.',
  'notice.certificate': 'Even wachten. Je account is nog niet klaar.',
  'notice.offline': 'Geen internet. Je kunt wel schrijven. Je bericht gaat weg als er weer internet is.',
  'notice.trying': 'Geen verbinding. De app blijft het proberen. Je hoeft niets te doen.',
  'notice.connecting': 'Verbinding maken…',
  'notice.unsupported': 'Deze browser is te oud voor Steiger. Werk je browser bij, of vraag je coach om hulp.',
  'reset': 'Opnieuw beginnen (je berichten hier gaan weg)',

  'chat.who': 'Alleen de mensen in dit gesprek kunnen dit lezen.',
  'chat.channels': 'Gesprek met',
  'chat.earlier': 'Eerdere berichten',
  'chat.write': 'Schrijf een bericht',
  'chat.send': 'Verstuur',
  'chat.no-crisis': 'Je coach leest niet altijd meteen. Heb je nu hulp nodig? Kijk bij "Hulp nu".',
  'chat.read-receipts': 'Je coach mag zien dat ik een bericht heb gelezen',
  'chat.me': 'Ik',
  'chat.other': 'Je coach',

  'state.waiting': 'wacht op internet',
  'state.accepted': 'verstuurd',
  'state.delivered': 'aangekomen',
  'state.read': 'gelezen',
  'state.failed': 'niet verstuurd',

  'help.now': 'Hulp nu',
  'help.112': 'Direct gevaar? Bel 112.',
  'help.113': 'Denk je aan zelfmoord? Bel 0800-0113 (gratis, dag en nacht).',
  'help.veilig-thuis': 'Is het thuis niet veilig? Bel Veilig Thuis: 0800-2000 (gratis, dag en nacht).',
  'help.kindertelefoon': 'Ben je jonger dan 18? Bel de Kindertelefoon: 0800-0432 (gratis).',

  'error.unknown': 'Er ging iets mis ({name}). Probeer het nog een keer. Lukt het niet? Bel je coach.',
  'error.internal': 'De app is gestopt. Laad de pagina opnieuw. Je berichten zijn bewaard.',
  'error.invite_text_length': 'Deze code klopt niet. Kijk goed of je alles hebt overgetypt.',
  'error.invite_text_character': 'In deze code staat een teken dat niet kan. Kijk nog een keer goed.',
  'error.bad_request': 'Dit kan niet. Kijk of je alles hebt ingevuld.',
  'error.invite_used': 'Deze uitnodiging is al gebruikt. Was jij dat niet? Bel je coach.',
  'error.invite_refused': 'Je coach heeft deze uitnodiging gestopt. Bel je coach.',
  'error.invite_expired': 'Deze uitnodiging is te oud. Vraag je coach om een nieuwe.',
  'error.invite_cancelled': 'Deze uitnodiging werkt niet meer. Vraag je coach om een nieuwe.',
  'error.invite_unknown': 'Deze uitnodiging ken ik niet. Vraag je coach om een nieuwe.',
  'error.invite_terms': 'Deze uitnodiging klopt niet. Gebruik hem niet. Bel je coach.',
  'error.already_set_up': 'Je doet al mee op dit toestel.',
  'error.text_empty': 'Je bericht is nog leeg.',
  'error.text_too_long': 'Je bericht is te lang. Maak er twee berichten van.',
  'error.name_too_long': 'Je naam is te lang. Gebruik een kortere naam.',
  'error.outbox_full': 'Er wachten te veel berichten. Wacht tot er internet is.',
  'error.channel_stopped': 'Dit gesprek is gestopt. Bel je coach.',
  'error.local_storage': 'Je toestel is vol. Maak ruimte en probeer het nog een keer.',
  'error.store_corrupt': 'Je bewaarde berichten zijn stuk. Bel je coach. Je kunt opnieuw beginnen met een nieuwe uitnodiging.',
  'error.store_format': 'Deze pagina is te oud voor je berichten. Laad de pagina opnieuw.',
  'error.version_unsupported': 'Deze pagina is te oud. Laad de pagina opnieuw.',

  'alarm.unknown': 'Er klopt iets niet ({name}). Schrijf hier nu niets. Bel je coach.',
  'alarm.rollback_detected': 'Dit toestel heeft oude gegevens. Schrijf hier nu niets. Bel je coach.',
  'alarm.local_storage': 'Je toestel is vol. Maak ruimte. Daarna gaat je bericht weg.',
};

// The text of `key` with {placeholders} filled; an unknown error or alarm says its name, so that a coach can pass it on.
export function say(key: string, values: Readonly<Record<string, string>> = {}): string {
  const area = key.split('.')[0] ?? '';
  const found = nl[key] ?? nl[`${area}.unknown`] ?? key;
  const all: Record<string, string> = { name: key.slice(area.length + 1), ...values };
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => all[name] ?? whole);
}
