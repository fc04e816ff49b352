// The beheerder's texts (S1): shares of the root key, a new root, the status list. At level B1.
#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
    // ---- the root key on paper, and a new one
    {"help.organisation.backup", "Zet de sleutel van de organisatie op papier: drie delen, twee zijn genoeg",
     "Put the organisation's key on paper: three shares, two are enough"},
    {"help.organisation.backup.footer",
     "Maakt drie bestanden in FOLDER. Druk ze af, bewaar elk papier op een andere plek en wis de bestanden. Met twee delen krijg "
     "je "
     "de sleutel terug; aan een deel heeft niemand iets. Raakt de sleutel kwijt zonder delen, dan moet elke jongere opnieuw "
     "beginnen.\n"
     "Voorbeeld: steiger organisation backup ./org --out ./delen",
     "Makes three files in FOLDER. Print them, keep each sheet in another place and erase the files. Two shares give the key "
     "back; "
     "one is of no use to anybody. If the key is lost without shares, every young person has to begin anew.\n"
     "Example: steiger organisation backup ./org --out ./shares"},
    {"help.organisation.backup.out", "Map voor de delen", "Folder for the shares"},
    {"help.organisation.restore", "Maak de sleutel van de organisatie weer uit twee delen",
     "Make the organisation's key again from two shares"},
    {"help.organisation.restore.footer",
     "Een deel is een bestand met de genummerde regels van het papier, overgetypt, of de tekst van de QR-code. '-' leest een "
     "deel "
     "van de invoer. Een tikfout wordt genoemd met het nummer van de regel.\n"
     "Voorbeeld: steiger organisation restore ./org --share deel1.txt --share deel3.txt",
     "A share is a file with the numbered lines of the paper, typed, or the text of its QR code. '-' reads one share from the "
     "input. A typing error is named with the number of its line.\n"
     "Example: steiger organisation restore ./org --share share1.txt --share share3.txt"},
    {"help.organisation.restore.share", "Een deel; herhaal voor elk deel", "A share; repeat for each"},
    {"help.organisation.rotate", "Vervang de sleutel van de organisatie door een nieuwe",
     "Replace the organisation's key by a new one"},
    {"help.organisation.rotate.footer",
     "De oude sleutel tekent voor de nieuwe en wordt dan gewist. Daarna nodig: nieuwe delen (backup), organisation.pub en "
     "organisation.successions naar de gateway, een nieuw certificaat voor elke medewerker (certify met hetzelfde bestand van "
     "'staff "
     "prepare'), en een nieuwe statuslijst. Werd het onderbroken: doe het nog eens, dan gaat het verder.\n"
     "Voorbeeld: steiger organisation rotate ./org",
     "The old key signs for the new one and is then erased. Needed afterwards: new shares (backup), organisation.pub and "
     "organisation.successions to the gateway, a new certificate for every member of staff (certify with the same file of 'staff "
     "prepare'), and a new status list. If it was interrupted: do it again and it goes on.\n"
     "Example: steiger organisation rotate ./org"},
    {"share.head",
     "STEIGER - sleutel van de organisatie - GEHEIM\n"
     "Organisatie: {0}\n"
     "Deel {1} van {2}. Met {3} delen samen komt de sleutel terug.\n"
     "Vingerafdruk: {4}\n"
     "Bewaar elk deel op een andere plek. Terugzetten: steiger organisation restore --help\n"
     "Over te typen:",
     "STEIGER - key of the organisation - SECRET\n"
     "Organisation: {0}\n"
     "Share {1} of {2}. Any {3} together give the key back.\n"
     "Fingerprint: {4}\n"
     "Keep each share in another place. To restore: steiger organisation restore --help\n"
     "To type:"},
    {"share.made",
     "{1} delen staan in {0}. Druk ze af, bewaar ze op {1} plekken, en wis daarna de bestanden. {2} delen zijn genoeg.",
     "{1} shares are in {0}. Print them, keep them in {1} places, then erase the files. {2} shares are enough."},
    {"share.restored", "De sleutel van '{0}' is terug, en het is dezelfde.\n  Geheim, bij de beheerder: {1}\n  Vingerafdruk: {2}",
     "The key of '{0}' is back, and it is the same.\n  Secret, with the administrator: {1}\n  Fingerprint: {2}"},
    {"organisation.rotated",
     "De organisatie heeft een nieuwe sleutel; de oude is gewist.\n  Opvolging: {0}\n  Vingerafdruk: {1}\n"
     "Doe nu: 1. steiger organisation backup, en vernietig de oude delen op papier: daar staat de oude sleutel nog op.\n"
     "        2. organisation.pub en organisation.successions naar de gateway.\n"
     "        3. elke medewerker een nieuw certificaat: steiger organisation certify\n"
     "        4. een nieuwe statuslijst: steiger organisation status sign",
     "The organisation has a new key; the old one is erased.\n  Succession: {0}\n  Fingerprint: {1}\n"
     "Now: 1. steiger organisation backup, and destroy the old shares on paper: they still hold the old key.\n"
     "     2. organisation.pub and organisation.successions to the gateway.\n"
     "     3. a new certificate for every member of staff: steiger organisation certify\n"
     "     4. a new status list: steiger organisation status sign"},
    {"error.share_exists", "Daar staat al een deel: {0}. Neem een lege map.",
     "There is a share already: {0}. Take an empty folder."},
    {"error.one_input", "Van de invoer ('-') kan maar een deel komen.", "Only one share can come from the input ('-')."},
    {"error.share_unreadable", "Dit is geen deel van een sleutel: {0}", "This is no share of a key: {0}"},
    {"error.share_line_mistyped", "In regel {1} van {0} zit een tikfout.", "There is a typing error in line {1} of {0}."},
    {"error.share_line_missing", "Regel {1} van {0} ontbreekt, of de regels staan niet op volgorde.",
     "Line {1} of {0} is missing, or the lines are out of order."},
    {"error.share_mistyped", "{0} klopt niet als geheel: ontbreekt de laatste regel? Kijk elke regel na.",
     "{0} is not right as a whole: is the last line missing? Check every line."},
    {"error.shares_mixed", "Deze delen horen niet bij elkaar. Neem delen van dezelfde keer.",
     "These shares do not belong together. Take shares that were made at the same time."},
    {"error.share_twice", "Dat is twee keer hetzelfde deel. Neem een ander erbij.",
     "That is the same share twice. Take another one."},
    {"error.shares_too_few", "Dit zijn te weinig delen: het moeten er {0} zijn.", "These shares are too few: it takes {0}."},
    {"error.shares_wrong", "Deze delen geven een andere sleutel dan erop staat. Een ervan is vervalst.",
     "These shares give another key than they say. One of them is forged."},
    {"error.restore_other_root",
     "Deze delen zijn van een andere sleutel dan {0}. Is de sleutel later vervangen? Neem dan de nieuwe delen.",
     "These shares are of another key than {0}. Was the key replaced later? Then take the new shares."},
    {"error.too_many_roots", "De sleutel is te vaak vervangen.", "The key was replaced too often."},
    // ---- who may no longer be trusted
    {"help.standing", "Statuslijst: wie niet meer vertrouwd mag worden", "Status list: who may no longer be trusted"},
    {"help.standing.delegate", "Wijs een sleutel aan die statuslijsten ondertekent, voor een jaar",
     "Appoint a key that signs status lists, for a year"},
    {"help.standing.delegate.footer",
     "Maakt status.key in DIR. Daarna is organisation.key niet nodig voor statuslijsten: bewaar die apart. Nog een keer: de "
     "aanwijzing geldt weer een jaar.\n"
     "Voorbeeld: steiger organisation status delegate ./org",
     "Makes status.key in DIR. From then on status lists do not need organisation.key: keep that one elsewhere. Again: the "
     "appointment holds for another year.\n"
     "Example: steiger organisation status delegate ./org"},
    {"help.standing.new_key", "Neem een nieuwe sleutel, bijvoorbeeld omdat status.key in verkeerde handen is",
     "Take a new key, for example because status.key is in wrong hands"},
    {"help.standing.end", "Medewerker is weg: wat de sleutel eerder certificeerde blijft gelden",
     "Somebody left: what the key certified earlier stays valid"},
    {"help.standing.end.footer",
     "Voorbeeld: steiger organisation status end ./org --certificate noor.certificate --since 2026-12-01",
     "Example: steiger organisation status end ./org --certificate noor.certificate --since 2026-12-01"},
    {"help.standing.replace", "Toestel kwijt: het account gaat verder met een nieuwe sleutel",
     "A lost device: the account goes on with a new key"},
    {"help.standing.replace.footer", "Voorbeeld: steiger organisation status replace ./org --certificate noor.certificate",
     "Example: steiger organisation status replace ./org --certificate noor.certificate"},
    {"help.standing.compromise", "Sleutel in verkeerde handen: niets wat hij certificeerde geldt nog",
     "Key in wrong hands: nothing that it certified counts any more"},
    {"help.standing.compromise.footer",
     "Kan niet worden teruggenomen.\nVoorbeeld: steiger organisation status compromise ./org --certificate noor.certificate",
     "Cannot be taken back.\nExample: steiger organisation status compromise ./org --certificate noor.certificate"},
    {"help.standing.certificate", "Certificaat van de medewerker", "Certificate of the member of staff"},
    {"help.standing.key", "Of de sleutel van het account: 64 hexadecimale tekens",
     "Or the account's key: 64 hexadecimal characters"},
    {"help.standing.since", "Vanaf wanneer: JJJJ-MM-DD of 'JJJJ-MM-DD UU:MM' (anders nu)",
     "From when: YYYY-MM-DD or 'YYYY-MM-DD HH:MM' (else now)"},
    {"help.standing.show", "Toon wat op de volgende lijst komt", "Show what the next list will say"},
    {"help.standing.show.footer", "Voorbeeld: steiger organisation status show ./org",
     "Example: steiger organisation status show ./org"},
    {"help.standing.sign", "Onderteken de volgende statuslijst; die geldt 14 dagen",
     "Sign the next status list; it holds for 14 days"},
    {"help.standing.sign.footer",
     "Doe dit elke week, ook als er niets verandert: zonder verse lijst komt er niemand nieuw bij. Bewaar status.book goed: "
     "daarin "
     "staat het versienummer, en toestellen weigeren een lijst met een lager nummer.\n"
     "Voorbeeld: steiger organisation status sign ./org --out status.list",
     "Do this every week, also when nothing changes: without a fresh list nobody new comes in. Keep status.book safe: it holds "
     "the "
     "version number, and devices refuse a list with a lower one.\n"
     "Example: steiger organisation status sign ./org --out status.list"},
    {"standing.ended", "weg", "left"},
    {"standing.replaced", "vervangen", "replaced"},
    {"standing.compromised", "in verkeerde handen", "in wrong hands"},
    {"standing.delegated", "Deze sleutel ondertekent statuslijsten tot {1}: {0}\nBewaar organisation.key nu apart.",
     "This key signs status lists until {1}: {0}\nNow keep organisation.key elsewhere."},
    {"standing.noted", "Genoteerd: {0} is {1}, vanaf {2}. Het geldt zodra je een lijst ondertekent en publiceert.",
     "Noted: {0} is {1}, from {2} on. It counts as soon as you sign and publish a list."},
    {"standing.appointed_until", "De statussleutel geldt tot {0}.", "The status key is appointed until {0}."},
    {"standing.never_signed", "Er is nog geen lijst ondertekend.", "No list was signed yet."},
    {"standing.last_signed", "Laatste lijst: versie {0} van {1}; de volgende moet er zijn op {2}.",
     "Last list: version {0} of {1}; the next is due on {2}."},
    {"standing.none", "Tegen niemand staat iets op de lijst.", "Nothing stands against anybody."},
    {"standing.entry", "  {0}  vanaf {1}: {2}", "  {0}  from {1} on: {2}"},
    {"standing.signed", "Statuslijst versie {1} geschreven: {0}\nDe volgende moet er zijn voor {2}.",
     "Status list version {1} written: {0}\nThe next is due before {2}."},
    {"error.status_key_missing",
     "De statussleutel kan ik niet lezen: {0}. Maak er een met: steiger organisation status delegate DIR",
     "Cannot read the status key: {0}. Make one with: steiger organisation status delegate DIR"},
    {"error.bad_status_key",
     "status.key is beschadigd of van iets anders. Maak een nieuwe: steiger organisation status delegate "
     "DIR --new-key",
     "status.key is damaged or something else. Make a new one: steiger organisation status delegate DIR --new-key"},
    {"error.bad_status_book", "status.book is beschadigd. Zet een reservekopie terug.",
     "status.book is damaged. Put a backup copy back."},
    {"error.standing_final", "Deze sleutel staat als 'in verkeerde handen'. Dat wordt nooit minder.",
     "This key stands as 'in wrong hands'. That never becomes less."},
    {"error.status_book_full", "De statuslijst is vol.", "The status list is full."},
    {"error.bad_delegation",
     "De statussleutel is niet (meer) aangewezen door deze organisatie, of de aanwijzing is voorbij. Doe: steiger organisation "
     "status delegate DIR",
     "The status key is not (or no longer) appointed by this organisation, or the appointment is over. Do: steiger organisation "
     "status delegate DIR"},
    {"error.status_list_rollback", "Daar staat al een nieuwere lijst. status.book is een oude kopie: zet de nieuwste terug.",
     "There is a newer list already. status.book is an old copy: put the newest back."},
    {"error.status_list_fork", "Daar staat al een andere lijst met dit nummer. Zet de nieuwste status.book terug.",
     "There is another list with this number already. Put the newest status.book back."},
    {"error.not_a_status_list", "Daar staat al een ander bestand: {0}. Dat overschrijf ik niet.",
     "There is another file already: {0}. It is not overwritten."},
    {"error.date", "Deze dag of tijd ken ik niet: {0}. Schrijf JJJJ-MM-DD of 'JJJJ-MM-DD UU:MM'.",
     "I do not know this day or time: {0}. Write YYYY-MM-DD or 'YYYY-MM-DD HH:MM'."},
    {"error.key_text", "Dit is geen sleutel: {0}. Een sleutel is 64 hexadecimale tekens.",
     "This is no key: {0}. A key is 64 hexadecimal characters."},
    {"error.standing_of_whom", "Zeg over wie het gaat: --certificate FILE of --key HEX",
     "Say whom it is about: --certificate FILE or --key HEX"},
    {"error.no_certificate_here", "Dit is geen certificaat van deze organisatie: {0}",
     "This is no certificate of this organisation: {0}"},
};

}  // namespace

std::span<const CatalogueEntry> organisation_texts() {
  return kEntries;
}

}  // namespace steiger::cli
