#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
    // ---- help
    {"help.about", "Steiger: veilig berichten sturen tussen coach en jongere. Alleen jullie twee kunnen ze lezen.",
     "Steiger: private messages between coach and young person. Only the two of you can read them."},
    {"help.examples",
     "Zo begin je (op je eigen computer, met een gateway op poort 8443):\n"
     "  steiger organisation create ./org --name \"Werkplein\"      de organisatie (beheerder)\n"
     "  steiger coach create --name Noor --organisation ./org --gateway ws://127.0.0.1:8443\n"
     "  steiger invite --qr --label Sam                           een uitnodiging met QR-code, 15 minuten geldig\n"
     "  steiger chat                                              praten\n"
     "\n"
     "Op een ander toestel:\n"
     "  steiger join 'http://127.0.0.1:8443/#...' --name Sam --data ./sam\n"
     "  steiger chat --data ./sam\n"
     "\n"
     "Elk commando heeft eigen uitleg: steiger invite --help\n"
     "\n"
     "Uitkomst (exit code): 0 gelukt, 1 geweigerd, 2 verkeerd gebruik, 3 omgeving (netwerk, schijf, bestand, tijd op).\n"
     "Taal: --language nl|en, of de variabele STEIGER_LANGUAGE.",
     "To begin (on your own computer, with a gateway on port 8443):\n"
     "  steiger organisation create ./org --name \"Werkplein\"      the organisation (administrator)\n"
     "  steiger coach create --name Noor --organisation ./org --gateway ws://127.0.0.1:8443\n"
     "  steiger invite --qr --label Sam                           an invitation with a QR code, valid for 15 minutes\n"
     "  steiger chat                                              talk\n"
     "\n"
     "On another device:\n"
     "  steiger join 'http://127.0.0.1:8443/#...' --name Sam --data ./sam\n"
     "  steiger chat --data ./sam\n"
     "\n"
     "Every command explains itself: steiger invite --help\n"
     "\n"
     "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 environment (network, disk, file, time is up).\n"
     "Language: --language nl|en, or the variable STEIGER_LANGUAGE."},
    {"help.options", "Opties", "Options"},
    {"help.commands", "Commando's", "Commands"},
    {"help.usage", "Gebruik", "Usage"},
    {"help.arguments", "Argumenten", "Arguments"},
    {"help.excludes", "niet samen met", "not with"},
    {"help.required", "(verplicht)", "(required)"},
    {"help.group.footer", "Meer uitleg: voeg --help toe achter het commando.", "More help: add --help after the command."},
    {"help.help", "Toon deze uitleg", "Show this help"},
    {"help.version", "Toon de versie", "Show the version"},
    {"help.language", "Taal: nl of en", "Language: nl or en"},
    {"help.data", "Map van dit toestel (anders $STEIGER_DATA, anders ~/.local/share/steiger)",
     "Directory of this device (else $STEIGER_DATA, else ~/.local/share/steiger)"},
    {"help.json", "Schrijf JSON, een object per regel, volgens client-sdk/schema/client_api.fbs",
     "Write JSON, one object per line, as in client-sdk/schema/client_api.fbs"},
    {"help.timeout", "Hoeveel seconden wachten; daarna stoppen met uitkomst 3", "Seconds to wait; then stop with exit code 3"},
    {"help.gateway", "Adres van de gateway, bijvoorbeeld ws://127.0.0.1:8443",
     "Address of the gateway, for example ws://127.0.0.1:8443"},
    {"help.channel", "Gesprek: naam, id of begin van het id; niet nodig als er maar een is",
     "Conversation: name, id or beginning of the id; not needed when there is only one"},

    {"help.organisation", "Beheerder: een organisatie maken en medewerkers certificeren",
     "Administrator: make an organisation and certify staff"},
    {"help.organisation.create", "Maak de sleutel van een organisatie", "Make the key of an organisation"},
    {"help.organisation.create.footer",
     "Maakt in DIR:\n"
     "  organisation.key   de geheime sleutel; blijft bij de beheerder, nooit op de server\n"
     "  organisation.pub   voor de gateway en voor medewerkers; niet geheim\n"
     "Voorbeeld: steiger organisation create ./org --name \"Werkplein\"",
     "Makes in DIR:\n"
     "  organisation.key   the secret key; stays with the administrator, never on the server\n"
     "  organisation.pub   for the gateway and for staff; not secret\n"
     "Example: steiger organisation create ./org --name \"Werkplein\""},
    {"help.organisation.dir", "Map van de organisatie", "Directory of the organisation"},
    {"help.organisation.name", "Naam van de organisatie", "Name of the organisation"},
    {"help.organisation.certify", "Geef een medewerker een certificaat", "Give a member of staff a certificate"},
    {"help.organisation.certify.footer",
     "REQUEST is het bestand van 'steiger staff prepare'. Controleer zelf dat het van die medewerker komt.\n"
     "Voorbeeld: steiger organisation certify ./org noor.request --role coach",
     "REQUEST is the file of 'steiger staff prepare'. Check for yourself that it comes from that person.\n"
     "Example: steiger organisation certify ./org noor.request --role coach"},
    {"help.organisation.request", "Aanvraag van de medewerker", "Request of the member of staff"},
    {"help.organisation.role", "Rol: coach, teamleider, beheerder, fg of auditor",
     "Role: coach, teamleider, beheerder, fg or auditor"},
    {"help.output", "Bestand om te schrijven", "File to write"},

    {"help.staff", "Medewerker: dit toestel aanmelden bij de organisatie", "Staff: enrol this device with the organisation"},
    {"help.staff.prepare", "Maak sleutels op dit toestel en een aanvraag voor de beheerder",
     "Make keys on this device and a request for the administrator"},
    {"help.staff.prepare.footer",
     "Voorbeeld: steiger staff prepare --name Noor --organisation organisation.pub --gateway ws://127.0.0.1:8443 --output "
     "noor.request",
     "Example: steiger staff prepare --name Noor --organisation organisation.pub --gateway ws://127.0.0.1:8443 --output "
     "noor.request"},
    {"help.staff.install", "Zet het certificaat van de beheerder op dit toestel",
     "Install the administrator's certificate on this device"},
    {"help.staff.install.footer", "Voorbeeld: steiger staff install noor.certificate",
     "Example: steiger staff install noor.certificate"},
    {"help.staff.certificate", "Bestand van 'steiger organisation certify'", "File of 'steiger organisation certify'"},
    {"help.staff.name", "Hoe je heet voor de jongere (gaat alleen versleuteld over het net)",
     "Your name for the young person (travels encrypted only)"},
    {"help.staff.organisation", "Bestand organisation.pub", "The file organisation.pub"},
    {"help.coach", "Coach maken als beheerder en coach dezelfde computer gebruiken",
     "Make a coach when administrator and coach share a computer"},
    {"help.coach.create", "In een stap: sleutels, certificaat, klaar", "In one step: keys, certificate, ready"},
    {"help.coach.create.footer", "Voorbeeld: steiger coach create --name Noor --organisation ./org --gateway ws://127.0.0.1:8443",
     "Example: steiger coach create --name Noor --organisation ./org --gateway ws://127.0.0.1:8443"},

    {"help.invite", "Coach: nodig een jongere uit", "Coach: invite a young person"},
    {"help.invite.footer",
     "--qr    jullie zitten bij elkaar: de code is 15 minuten geldig, en het is meteen zeker wie meedoet\n"
     "--link  op afstand: de link is 7 dagen geldig; bel daarna en bevestig met 'steiger confirm'\n"
     "Wie de link heeft kan meedoen: stuur hem alleen naar deze jongere.\n"
     "Voorbeeld: steiger invite --link --label Sam",
     "--qr    you sit together: the code is valid for 15 minutes, and it is certain at once who joins\n"
     "--link  at a distance: the link is valid for 7 days; call afterwards and confirm with 'steiger confirm'\n"
     "Whoever has the link can join: send it to this person only.\n"
     "Example: steiger invite --link --label Sam"},
    {"help.invite.qr", "Samen aan tafel: QR-code, 15 minuten", "Face to face: QR code, 15 minutes"},
    {"help.invite.link", "Op afstand: link, 7 dagen", "At a distance: link, 7 days"},
    {"help.invite.label", "Voor wie (blijft op dit toestel)", "For whom (stays on this device)"},
    {"help.invite.page", "Adres van de webpagina in de link (anders de gateway zelf)",
     "Address of the web page in the link (else the gateway itself)"},
    {"help.invite.no_wait", "Niet wachten tot iemand meedoet", "Do not wait until somebody joins"},
    {"help.invites", "Coach: toon de uitnodigingen", "Coach: show the invitations"},
    {"help.invites.footer", "Voorbeeld: steiger invites", "Example: steiger invites"},
    {"help.confirm", "Coach: ja, dit is hem of haar (na een telefoontje)", "Coach: yes, this is the person (after a call)"},
    {"help.confirm.footer",
     "Bel eerst. Vraag of hij of zij net de link gebruikte. Pas daarna bevestig je.\nVoorbeeld: steiger confirm 5f3a",
     "Call first. Ask whether they have just used the link. Only then confirm.\nExample: steiger confirm 5f3a"},
    {"help.refuse", "Coach: nee, dit is iemand anders", "Coach: no, this is somebody else"},
    {"help.refuse.footer", "Voorbeeld: steiger refuse 5f3a", "Example: steiger refuse 5f3a"},
    {"help.cancel", "Coach: trek een uitnodiging in", "Coach: withdraw an invitation"},
    {"help.cancel.footer", "Voorbeeld: steiger cancel 5f3a", "Example: steiger cancel 5f3a"},
    {"help.invite.id", "Id van de uitnodiging, of het begin ervan", "Id of the invitation, or its beginning"},

    {"help.join", "Jongere: doe mee met een uitnodiging", "Young person: join with an invitation"},
    {"help.join.footer",
     "INVITE is de hele link, of de 20 tekens die je coach noemt. Met '-' lees je hem van de invoer, zodat hij niet in je "
     "historie komt.\n"
     "Voorbeelden:\n"
     "  steiger join 'http://127.0.0.1:8443/#...' --name Sam\n"
     "  steiger join 7Q4K9-X2M8T-... --name Sam --gateway ws://127.0.0.1:8443\n"
     "  steiger join - --name Sam < link.txt",
     "INVITE is the whole link, or the 20 characters that your coach tells you. With '-' it is read from the input and stays out "
     "of your "
     "history.\n"
     "Examples:\n"
     "  steiger join 'http://127.0.0.1:8443/#...' --name Sam\n"
     "  steiger join 7Q4K9-X2M8T-... --name Sam --gateway ws://127.0.0.1:8443\n"
     "  steiger join - --name Sam < link.txt"},
    {"help.join.invite", "Link of 20 tekens; '-' leest van de invoer", "Link or 20 characters; '-' reads from the input"},
    {"help.join.name", "Hoe je heet voor je coach", "Your name for your coach"},
    {"help.join.no_wait", "Niet wachten op je coach", "Do not wait for your coach"},

    {"help.chat", "Praten, regel voor regel", "Talk, line by line"},
    {"help.chat.footer",
     "Typ een bericht en druk op Enter. Voor je bericht staat hoe het ermee is:\n"
     "  ◷ wacht (nog niet verstuurd)   ✓ verstuurd   ✓✓ aangekomen   ◉ gezien   ! mislukt\n"
     "Commando's: /help /invite /link /invites /confirm ID /refuse ID /channel NAAM /status /quit",
     "Type a message and press Enter. Before your message stands how it is doing:\n"
     "  ◷ waiting (not sent yet)   ✓ sent   ✓✓ arrived   ◉ seen   ! failed\n"
     "Commands: /help /invite /link /invites /confirm ID /refuse ID /channel NAME /status /quit"},
    {"help.send", "Stuur een bericht", "Send a message"},
    {"help.send.footer",
     "Stopt als het bericht bij de gateway op schijf staat (--until stored: op het andere toestel; saved: alleen hier bewaard).\n"
     "Voorbeelden:\n"
     "  steiger send \"Hoi Sam\"\n"
     "  printf 'een\\ntwee\\n' | steiger send - --json      elke regel een bericht",
     "Stops when the message is on the gateway's disk (--until stored: on the other device; saved: kept here only).\n"
     "Examples:\n"
     "  steiger send \"Hi Sam\"\n"
     "  printf 'one\\ntwo\\n' | steiger send - --json       every line a message"},
    {"help.send.text", "Het bericht; '-' leest regels van de invoer", "The message; '-' reads lines from the input"},
    {"help.send.until", "Waarop wachten: saved, accepted of stored", "What to wait for: saved, accepted or stored"},
    {"help.receive", "Toon nieuwe berichten", "Show new messages"},
    {"help.receive.footer",
     "Toont wat er sinds de vorige keer bij kwam, en stopt als er niets meer komt. Wat is getoond geldt als gezien.\n"
     "Voorbeelden:\n"
     "  steiger receive --json\n"
     "  steiger receive --json --count 3 --timeout 20     stop na drie berichten\n"
     "  steiger receive --json --follow                   blijf luisteren",
     "Shows what came since the last time, and stops when nothing more comes. What was shown counts as seen.\n"
     "Examples:\n"
     "  steiger receive --json\n"
     "  steiger receive --json --count 3 --timeout 20     stop after three messages\n"
     "  steiger receive --json --follow                   keep listening"},
    {"help.receive.follow", "Blijf luisteren", "Keep listening"},
    {"help.receive.count", "Stop na zoveel berichten", "Stop after this many messages"},
    {"help.history", "Toon alle berichten van een gesprek, zoals ze op dit toestel staan",
     "Show all messages of a conversation as this device has them"},
    {"help.history.footer", "Werkt zonder verbinding. Voorbeeld: steiger history Sam --json",
     "Works offline. Example: steiger history Sam --json"},
    {"help.channels", "Toon de gesprekken", "Show the conversations"},
    {"help.channels.footer", "Voorbeeld: steiger channels", "Example: steiger channels"},
    {"help.status", "Toon hoe dit toestel ervoor staat", "Show how this device is doing"},
    {"help.status.footer", "Voorbeeld: steiger status --json", "Example: steiger status --json"},
    {"help.demo", "De demo van deploy/quickstart", "The demo of deploy/quickstart"},
    {"help.demo.link", "Een nieuwe QR-uitnodiging als link, 15 minuten geldig",
     "A new QR invitation as a link, valid for 15 minutes"},
    {"help.demo.chat", "Praten als de coach van de demo", "Talk as the coach of the demo"},
    {"help.demo.dir", "Map van de demo (anders $STEIGER_DEMO, anders ~/.local/share/steiger-demo)",
     "Directory of the demo (else $STEIGER_DEMO, else ~/.local/share/steiger-demo)"},
    {"help.demo.link.footer", "Voorbeeld: steiger demo link", "Example: steiger demo link"},
    {"help.demo.chat.footer", "Voorbeeld: steiger demo chat", "Example: steiger demo chat"},
    {"help.test_clock_start", "Testklok: begintijd in milliseconden UTC (anders nu)",
     "Test clock: first time in milliseconds UTC (else now)"},
    {"help.test_clock", "Testklok: luister op deze socket naar de tijd", "Test clock: take the time from this socket"},

    // ---- what the commands say
    {"organisation.created", "Organisatie '{0}' is gemaakt.\n  Geheim, bij de beheerder: {1}\n  Voor gateway en medewerkers: {2}",
     "Organisation '{0}' was made.\n  Secret, with the administrator: {1}\n  For gateway and staff: {2}"},
    {"staff.prepared", "De sleutels staan op dit toestel. Geef dit bestand aan de beheerder: {0}",
     "The keys are on this device. Give this file to the administrator: {0}"},
    {"staff.certified", "Certificaat geschreven: {0}", "Certificate written: {0}"},
    {"staff.installed", "Klaar. {0} kan nu jongeren uitnodigen: steiger invite --qr --label NAAM",
     "Ready. {0} can now invite young people: steiger invite --qr --label NAME"},
    {"invite.show.qr", "Laat deze code scannen, of geef de link. Geldig tot {0}.",
     "Have this code scanned, or hand over the link. Valid until {0}."},
    {"invite.show.link", "Stuur deze link alleen naar {1}. Geldig tot {0}.", "Send this link to {1} only. Valid until {0}."},
    {"invite.show.typed", "Of laat dit intypen: {0}", "Or have this typed in: {0}"},
    {"invite.show.id", "Uitnodiging {0}", "Invitation {0}"},
    {"invite.waiting", "Ik wacht tot iemand meedoet. Stoppen mag: de uitnodiging blijft geldig.",
     "Waiting for somebody to join. You may stop: the invitation stays valid."},
    {"invite.accepted", "{0} doet mee.", "{0} has joined."},
    {"invite.to_confirm",
     "Iemand heeft de link voor {0} gebruikt. Bel {0} en vraag of dat klopt. Daarna: steiger confirm {1} (ja) of steiger refuse "
     "{1} (nee).",
     "Somebody used the link for {0}. Call {0} and ask whether that is right. Then: steiger confirm {1} (yes) or steiger refuse "
     "{1} (no)."},
    {"invite.ask_confirm", "Iemand heeft de link voor {0} gebruikt. Bel {0}. Is dit {0}? [ja/nee] ",
     "Somebody used the link for {0}. Call {0}. Is this {0}? [yes/no] "},
    {"invite.second_proof", "Let op: nog iemand probeerde de link voor {0}. Bel {0}.",
     "Careful: somebody else tried the link for {0} as well. Call {0}."},
    {"invite.refused", "Geweigerd.", "Refused."},
    {"invite.expired", "De uitnodiging voor {0} is verlopen. Maak een nieuwe.",
     "The invitation for {0} has expired. Make a new one."},
    {"invite.cancelled", "De uitnodiging is ingetrokken.", "The invitation was withdrawn."},
    {"invite.none", "Er zijn geen uitnodigingen.", "There are no invitations."},
    {"invite.state.open", "open", "open"},
    {"invite.state.to_confirm", "wacht op jouw 'ja'", "waits for your 'yes'"},
    {"invite.state.accepted", "doet mee", "joined"},
    {"invite.state.refused", "geweigerd", "refused"},
    {"invite.state.expired", "verlopen", "expired"},
    {"invite.state.cancelled", "ingetrokken", "withdrawn"},
    {"join.waiting_certificate", "De uitnodiging klopt. Even wachten op je coach.",
     "The invitation is right. Waiting for your coach."},
    {"join.waiting_coach", "Bijna klaar. Je coach zet het gesprek open.",
     "Nearly there. Your coach is opening the conversation."},
    {"join.ready", "Je doet mee. Praten: steiger chat", "You are in. To talk: steiger chat"},
    {"join.later", "Je coach is er nu niet. Je bent aangemeld. Probeer later: steiger status",
     "Your coach is not there now. You are enrolled. Try later: steiger status"},
    {"chat.welcome", "Praten met {0}. /help voor hulp, /quit om te stoppen.", "Talking with {0}. /help for help, /quit to stop."},
    {"chat.no_crisis", "Is er nu gevaar? Bel 112. Denk je aan zelfmoord? Bel 113. Steiger is geen hulplijn.",
     "Danger right now? Call 112. Thinking of suicide? Call 113. Steiger is no crisis line."},
    {"chat.empty", "Er is nog geen gesprek. Nodig iemand uit met /invite (samen) of /link (op afstand).",
     "There is no conversation yet. Invite somebody with /invite (face to face) or /link (at a distance)."},
    {"chat.empty_jongere", "Er is nog geen gesprek. Even wachten op je coach.",
     "There is no conversation yet. Waiting for your coach."},
    {"chat.me", "ik", "me"},
    {"chat.online", "[verbonden]", "[connected]"},
    {"chat.offline", "[geen verbinding: je bericht wacht en gaat later vanzelf]",
     "[no connection: your message waits and goes by itself later]"},
    {"chat.connecting", "[verbinden...]", "[connecting...]"},
    {"chat.unknown_command", "Dat commando is er niet. /help toont wat kan.",
     "There is no such command. /help shows what there is."},
    {"chat.failed_message", "Niet verstuurd: {0}", "Not sent: {0}"},
    {"chat.still_waiting", "{0} bericht(en) wachten nog. Ze gaan weg zodra je Steiger weer opent en er verbinding is.",
     "{0} message(s) still waiting. They go as soon as you open Steiger again and there is a connection."},
    {"chat.help",
     "Typ een bericht en druk op Enter.\n"
     "  /invite [NAAM]   uitnodigen, samen aan tafel (QR)\n"
     "  /link [NAAM]     uitnodigen op afstand (link)\n"
     "  /invites         uitnodigingen tonen\n"
     "  /confirm ID      ja, dit is hem of haar      /refuse ID   nee\n"
     "  /channel NAAM    ander gesprek               /channels    alle gesprekken\n"
     "  /status          hoe het ervoor staat        /quit        stoppen",
     "Type a message and press Enter.\n"
     "  /invite [NAME]   invite face to face (QR)\n"
     "  /link [NAME]     invite at a distance (link)\n"
     "  /invites         show invitations\n"
     "  /confirm ID      yes, this is the person     /refuse ID   no\n"
     "  /channel NAME    another conversation        /channels    all conversations\n"
     "  /status          how things are              /quit        stop"},
    {"channel.none", "Er is nog geen gesprek.", "There is no conversation yet."},
    {"channel.unknown", "Dat gesprek ken ik niet, of er zijn er meer die zo beginnen. Kijk met: steiger channels",
     "I do not know that conversation, or several begin like that. Look with: steiger channels"},
    {"channel.many", "Er zijn meer gesprekken. Zeg welk: --channel NAAM. Kijk met: steiger channels",
     "There are several conversations. Say which: --channel NAME. Look with: steiger channels"},
    {"channel.stopped", "gestopt: er klopte iets niet", "stopped: something was not right"},
    {"channel.unread", "{0} nieuw", "{0} new"},
    {"channel.verified", "samen begonnen", "verified face to face"},
    {"invite.unknown", "Die uitnodiging ken ik niet, of er zijn er meer die zo beginnen. Kijk met: steiger invites",
     "I do not know that invitation, or several begin like that. Look with: steiger invites"},
    {"send.done", "Verstuurd.", "Sent."},
    {"send.saved", "Bewaard. Het gaat weg zodra er verbinding is.", "Saved. It goes as soon as there is a connection."},
    {"receive.none", "Geen nieuwe berichten.", "No new messages."},
    {"status.connection.offline", "geen verbinding", "no connection"},
    {"status.connection.connecting", "verbinden...", "connecting..."},
    {"status.connection.online", "verbonden", "connected"},
    {"status.membership.none", "nog niet aangemeld", "not enrolled yet"},
    {"status.membership.waiting_for_certificate", "wacht op het certificaat van de coach of beheerder",
     "waits for the certificate of coach or administrator"},
    {"status.membership.waiting_for_coach", "wacht tot de coach het gesprek opent",
     "waits for the coach to open the conversation"},
    {"status.membership.ready", "klaar", "ready"},
    {"status.membership.stopped", "gestopt: er klopte iets niet, er wordt niets meer verstuurd",
     "stopped: something was not right, nothing is sent any more"},
    {"status.role.none", "geen rol", "no role"},
    {"status.role.coach", "coach", "coach"},
    {"status.role.jongere", "jongere", "jongere"},
    {"status.role.other", "medewerker", "staff"},
    {"status.lines", "Naam: {0} ({1})\nOrganisatie: {2}\nToestel: {3}\nVerbinding: {4}\nWacht op verzenden: {5}",
     "Name: {0} ({1})\nOrganisation: {2}\nDevice: {3}\nConnection: {4}\nWaiting to be sent: {5}"},
    {"alarm", "Er klopt iets niet: {0} Dit gesprek staat stil. Bel je coach of de beheerder.",
     "Something is not right: {0} This conversation stands still. Call your coach or the administrator."},
    {"demo.missing", "Hier is geen demo: {0}. Begin met: deploy/quickstart",
     "There is no demo here: {0}. Begin with: deploy/quickstart"},
    {"demo.busy", "De coach van de demo is al bezig in een ander venster. Typ daar /invite voor een nieuwe link.",
     "The coach of the demo is already at work in another window. Type /invite there for a new link."},
    {"demo.link", "Open deze link in de browser, binnen 15 minuten. De coach moet meekijken: steiger demo chat",
     "Open this link in the browser within 15 minutes. The coach must be there: steiger demo chat"},

    // ---- errors
    {"error.prefix", "steiger: {0}", "steiger: {0}"},
    {"error.other", "Dat lukte niet ({0}).", "That did not work ({0})."},
    {"error.usage", "Zo werkt het niet: {0}\nUitleg: steiger --help, of steiger COMMANDO --help",
     "That is not how it works: {0}\nHelp: steiger --help, or steiger COMMAND --help"},
    {"error.timeout", "Het duurde te lang. Wat al bewaard is blijft bewaard.", "It took too long. What was saved stays saved."},
    {"error.file_read", "Dit bestand kan ik niet lezen: {0}", "Cannot read this file: {0}"},
    {"error.file_write", "Dit bestand kan ik niet schrijven: {0}", "Cannot write this file: {0}"},
    {"error.organisation_exists", "Hier staat al een organisatie: {0}. Haar sleutel overschrijf ik niet.",
     "There is an organisation here already: {0}. Its key is never overwritten."},
    {"error.gateway_needed", "Bij 20 tekens hoort ook het adres van de gateway: --gateway ws://...",
     "Twenty characters need the address of the gateway as well: --gateway ws://..."},
    {"error.role", "Die rol ken ik niet: {0}", "I do not know that role: {0}"},
    {"error.data_in_use", "Deze map is al in gebruik door een ander Steiger-venster. Sluit dat eerst.",
     "This directory is in use by another Steiger window. Close that one first."},
    {"error.data_dir_unusable", "Deze map of schijf is niet te gebruiken. Kijk naar de rechten en de vrije ruimte.",
     "This directory or disk cannot be used. Look at the permissions and the free space."},
    {"error.key_file_open", "Anderen kunnen store.key lezen. Maak het bestand alleen voor jezelf: chmod 600 store.key",
     "Others can read store.key. Make the file yours alone: chmod 600 store.key"},
    {"error.key_file_bad", "store.key is beschadigd: het moeten precies 32 bytes zijn.",
     "store.key is damaged: it must be exactly 32 bytes."},
    {"error.key_file_missing", "store.key ontbreekt bij deze gegevens. Zonder die sleutel zijn ze niet te lezen.",
     "store.key is missing beside this data. Without that key nobody can read it."},
    {"error.no_data_here",
     "Op dit toestel staat nog niets. Begin met 'steiger join' (jongere) of 'steiger staff prepare' (coach).",
     "There is nothing on this device yet. Begin with 'steiger join' (young person) or 'steiger staff prepare' (coach)."},
    {"error.message_failed", "Het bericht is niet verstuurd.", "The message was not sent."},
    {"error.too_many_requests", "Even rustig: er wachten al te veel opdrachten.", "Slow down: too many requests are waiting."},
    {"error.not_set_up", "Dit toestel is nog niet aangemeld.", "This device is not enrolled yet."},
    {"error.already_set_up", "Dit toestel is al aangemeld. Neem een andere map: --data DIR",
     "This device is enrolled already. Take another directory: --data DIR"},
    {"error.not_allowed_for_role", "Dat mag alleen een coach.", "Only a coach may do that."},
    {"error.no_such_channel", "Dat gesprek is er niet.", "There is no such conversation."},
    {"error.no_such_invite", "Die uitnodiging is er niet.", "There is no such invitation."},
    {"error.invite_state", "Dat kan nu niet met deze uitnodiging.", "That cannot be done with this invitation now."},
    {"error.text_empty", "Een leeg bericht wordt niet verstuurd.", "An empty message is not sent."},
    {"error.text_too_long", "Dit bericht is te lang.", "This message is too long."},
    {"error.name_too_long", "Deze naam is te lang.", "This name is too long."},
    {"error.bad_text_encoding", "Deze tekst is geen UTF-8.", "This text is not UTF-8."},
    {"error.outbox_full", "Er wachten te veel berichten. Probeer het weer als er verbinding is.",
     "Too many messages are waiting. Try again when there is a connection."},
    {"error.channel_stopped", "Dit gesprek staat stil: er klopte iets niet.",
     "This conversation stands still: something was not right."},
    {"error.bad_organisation", "Dit is geen bestand van een organisatie.", "This is no file of an organisation."},
    {"error.bad_certificate", "Dit certificaat hoort niet bij dit toestel.", "This certificate does not belong to this device."},
    {"error.bad_staff_request", "Dit is geen aanvraag voor deze organisatie.", "This is no request for this organisation."},
    {"error.invite_used", "Deze uitnodiging is al gebruikt. Bel je coach.",
     "This invitation has been used already. Call your coach."},
    {"error.invite_refused", "Je coach zei nee tegen deze uitnodiging. Bel je coach.",
     "Your coach refused this invitation. Call your coach."},
    {"error.invite_expired", "Deze uitnodiging is te oud. Vraag je coach om een nieuwe.",
     "This invitation is too old. Ask your coach for a new one."},
    {"error.invite_cancelled", "Deze uitnodiging is ingetrokken. Vraag je coach om een nieuwe.",
     "This invitation was withdrawn. Ask your coach for a new one."},
    {"error.invite_unknown", "Deze uitnodiging is niet bekend. Klopt de link?",
     "This invitation is not known. Is the link right?"},
    {"error.invite_terms", "Deze uitnodiging klopt niet. Bel je coach.", "This invitation is not right. Call your coach."},
    {"error.invite_text_length", "Dit is geen hele uitnodiging. Kijk of je alles hebt.",
     "This is not a whole invitation. Check that you have all of it."},
    {"error.invite_text_character", "Er staat een teken in dat er niet hoort.",
     "There is a character in it that does not belong."},
    {"error.rollback_detected", "Dit toestel loopt achter op zichzelf (teruggezette kopie?). Het verstuurt niets meer.",
     "This device is behind itself (a restored copy?). It sends nothing any more."},
    {"error.store_key_wrong", "De sleutel store.key past niet bij store.db.", "The key store.key does not fit store.db."},
    {"error.store_too_new", "Deze gegevens zijn van een nieuwere versie van Steiger.",
     "This data is from a newer version of Steiger."},
    {"error.store_corrupt", "De opgeslagen gegevens zijn beschadigd.", "The stored data is damaged."},
    {"error.store_format", "Deze gegevens zijn van een nieuwere versie van Steiger.",
     "This data is from a newer version of Steiger."},
    {"error.store_disk_full", "De schijf is vol.", "The disk is full."},
    {"error.store_cannot_open", "De opgeslagen gegevens zijn niet te openen.", "The stored data cannot be opened."},
    {"error.local_storage", "Bewaren lukt nu niet. Is de schijf vol?", "Saving does not work now. Is the disk full?"},
    {"error.chain_broken", "De server gaf berichten in een andere volgorde of liet er een weg.",
     "The server changed the order of messages or left one out."},
    {"error.history_differs", "De ander zag een andere geschiedenis dan jij.", "The other person saw another history than you."},
    {"error.head_signature", "De handtekening van de server klopt niet.", "The server's signature is not right."},
    {"error.head_key_changed", "De server heeft een andere sleutel dan eerst.", "The server has another key than before."},
    {"error.wrong_organisation", "Dit is de server van een andere organisatie.", "This is the server of another organisation."},
    {"error.franking_failed", "Een bericht was niet te bewijzen en wordt niet getoond.",
     "A message could not be proven and is not shown."},
    {"error.unreadable", "Een bericht is niet te lezen.", "A message cannot be read."},
    {"error.sender_mismatch", "Een bericht kwam niet van wie het zei.", "A message did not come from whom it said."},
    {"error.welcome_refused", "De uitnodiging werd niet door je coach beantwoord. Bel je coach.",
     "The invitation was not answered by your coach. Call your coach."},
    {"error.invite_second_proof", "Nog iemand probeerde dezelfde uitnodiging. Bel elkaar.",
     "Somebody else tried the same invitation. Call each other."},
    {"error.invite_proof_invalid", "Iemand probeerde een uitnodiging met verkeerde sleutels.",
     "Somebody tried an invitation with wrong keys."},
    {"error.test_clock_socket", "De socket van de testklok is niet te openen.", "The socket of the test clock cannot be opened."},
    {"error.bad_url", "Dit adres klopt niet. Het begint met ws:// of wss://, of is een link met http:// of https://.",
     "This address is not right. It begins with ws:// or wss://, or is a link with http:// or https://."},
};

}  // namespace

std::span<const CatalogueEntry> catalogue_entries() {
  return kEntries;
}

}  // namespace steiger::cli
