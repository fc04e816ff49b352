// What --help says.
#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
    {"help.about",
     "Steiger: veilig berichten sturen tussen coach en jongere. Alleen wie in het gesprek zit, kan ze lezen. Je ziet altijd wie "
     "dat zijn.",
     "Steiger: private messages between coach and young person. Only the people in the conversation can read them. You always "
     "see who they are."},
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
};

}  // namespace

std::span<const CatalogueEntry> help_texts() {
  return kEntries;
}

}  // namespace steiger::cli
