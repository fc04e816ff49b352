// Proving messages to others (S16). Making one is also for the jongere: level A2; checking one is for staff: B1.
#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
    {"help.disclose", "Bewijs berichten aan iemand anders, of controleer zo'n bewijs",
     "Prove messages to somebody else, or check such a proof"},
    {"help.disclose.footer",
     "Maakt een bestand met de gekozen berichten. Wie het krijgt kan ze lezen, en kan anderen laten zien dat ze echt zijn. De "
     "nummers "
     "(seq) staan in: steiger history --json\n"
     "Voorbeelden:\n"
     "  steiger disclose --message 12 --message 15 --out bewijs.steiger\n"
     "  steiger disclose verify bewijs.steiger --organisation organisation.pub --head-key 5f3a...",
     "Makes a file with the chosen messages. Whoever gets it can read them, and can show others that they are real. The numbers "
     "(seq) are in: steiger history --json\n"
     "Examples:\n"
     "  steiger disclose --message 12 --message 15 --out proof.steiger\n"
     "  steiger disclose verify proof.steiger --organisation organisation.pub --head-key 5f3a..."},
    {"help.disclose.message", "Nummer van een bericht; herhaal voor meer", "Number of a message; repeat for more"},
    {"help.disclose.verify", "Controleer een bewijs; werkt zonder verbinding en zonder eigen gegevens",
     "Check a proof; works offline and without data of one's own"},
    {"help.disclose.verify.footer",
     "Vraag organisation.pub en de sleutel van de gateway aan de organisatie zelf, niet aan wie het bewijs geeft. Zonder die "
     "twee is "
     "de uitkomst nooit 0.\n"
     "Voorbeeld: steiger disclose verify bewijs.steiger --organisation organisation.pub --head-key 5f3a...",
     "Ask the organisation itself for organisation.pub and the gateway's key, not whoever hands over the proof. Without these "
     "two "
     "the exit code is never 0.\n"
     "Example: steiger disclose verify proof.steiger --organisation organisation.pub --head-key 5f3a..."},
    {"help.disclose.file", "Het bewijs", "The proof"},
    {"help.disclose.head_key", "Sleutel waarmee de gateway de volgorde ondertekent: 64 hexadecimale tekens",
     "The key with which the gateway signs the order: 64 hexadecimal characters"},
    {"disclose.warning",
     "Let op: wie dit bestand krijgt, kan {0} bericht(en) lezen. En kan aan anderen bewijzen dat ze echt zijn. Dat kun je niet "
     "terugdraaien.",
     "Careful: whoever gets this file can read {0} message(s), and can prove to others that they are real. You cannot take that "
     "back."},
    {"disclose.made",
     "Het bewijs staat in: {0}\nWie het controleert heeft ook deze sleutels nodig, van de organisatie zelf:\n  gateway: {1}\n  "
     "organisatie: {2}",
     "The proof is in: {0}\nWhoever checks it needs these keys as well, from the organisation itself:\n  gateway: {1}\n  "
     "organisation: {2}"},
    {"disclose.message", "{0}  {1}  {2} {3}: {4}", "{0}  {1}  {2} {3}: {4}"},
    {"disclose.proven",
     "Bewezen: deze woorden, door deze accounts (schuilnamen) in deze rol, in deze volgorde, op deze tijd volgens de klok van de "
     "gateway. Van plaats {0} tot en met {1} is geen plaats weggelaten; wat niet is geopend blijft geheim.",
     "Proven: these words, by these accounts (pseudonyms) in this role, in this order, at this time by the gateway's clock. From "
     "place {0} to {1} no place was left out; what is not opened stays secret."},
    {"disclose.not_proven",
     "Niet bewezen: wie het toestel in de hand had, hoe iemand heet, en niets tegen een gateway die meeliegt.",
     "Not proven: who held the device, what anybody is called, and nothing against a gateway that helps to lie."},
    {"disclose.not_trusted",
     "Nog niet te vertrouwen: iedereen kan zo'n bestand met eigen sleutels maken. Vergelijk deze sleutels met die van de "
     "organisatie, "
     "en geef ze mee met --organisation en --head-key:\n  organisatie: {0}\n  gateway: {1}",
     "Not to be trusted yet: anybody can make such a file with keys of their own. Compare these keys with those of the "
     "organisation, "
     "and name them with --organisation and --head-key:\n  organisation: {0}\n  gateway: {1}"},
    {"role.coach", "coach", "coach"},
    {"role.teamleider", "teamleider", "team leader"},
    {"role.beheerder", "beheerder", "administrator"},
    {"role.fg", "FG", "data protection officer"},
    {"role.auditor", "auditor", "auditor"},
    {"role.agent", "herinneringen", "reminders"},
    {"role.jongere", "jongere", "young person"},
    {"role.third_party", "derde", "third party"},
    {"error.disclose_what", "Zeg welk bericht: --message NUMMER. De nummers staan in: steiger history --json",
     "Say which message: --message NUMBER. The numbers are in: steiger history --json"},
    {"error.disclose_where", "Zeg waar het bewijs moet komen: --out FILE", "Say where the proof should go: --out FILE"},
    {"error.no_such_message", "Een bericht met dat nummer is er niet. Kijk met: steiger history --json",
     "There is no message with that number. Look with: steiger history --json"},
    {"error.message_not_provable", "Dit bericht kan niet meer worden bewezen.", "This message can no longer be proven."},
    {"error.disclosure_too_long", "Dit is te lang geleden voor een bewijs. Kies latere berichten.",
     "This is too long ago for a proof. Choose later messages."},
    {"error.not_a_disclosure", "Dit is geen bewijs, of het is beschadigd.", "This is no proof, or it is damaged."},
    {"error.disclosure_other_organisation", "Niet bewezen: dit is van een andere organisatie.",
     "Not proven: this is of another organisation."},
    {"error.disclosure_other_gateway", "Niet bewezen: dit is met een andere sleutel van een gateway gemaakt.",
     "Not proven: this was made with another gateway's key."},
    {"error.disclosure_links_missing", "Niet bewezen: er is iets weggelaten.", "Not proven: something was left out."},
    {"error.disclosure_message_outside", "Niet bewezen: een bericht staat op een plaats die er niet is.",
     "Not proven: a message is at a place that is not there."},
    {"error.disclosure_text_differs", "Niet bewezen: deze woorden zijn niet op deze plaats verstuurd.",
     "Not proven: these words were not sent at this place."},
    {"error.disclosure_from_elsewhere", "Niet bewezen: een bericht is van iemand anders, of uit een ander gesprek.",
     "Not proven: a message is by somebody else, or of another conversation."},
    {"error.disclosure_not_signed", "Niet bewezen: volgorde, tijden of afzenders zijn niet zo ondertekend door de gateway.",
     "Not proven: order, times or senders are not what the gateway signed."},
    {"error.disclosure_sender_unknown", "Niet bewezen: van een afzender staat er niet bij wie het is.",
     "Not proven: it does not say who a sender is."},
    {"error.disclosure_sender_not_certified", "Niet bewezen: een afzender hoort niet bij deze organisatie.",
     "Not proven: a sender does not belong to this organisation."},
    {"error.disclosure_sender_not_valid_then", "Niet bewezen: een afzender hoorde er toen niet bij.",
     "Not proven: a sender did not belong to it at that time."},
    {"error.disclosure_sender_device", "Niet bewezen: een bericht kwam van een toestel dat niet van de afzender is.",
     "Not proven: a message came from a device that is not the sender's."},
};

}  // namespace

std::span<const CatalogueEntry> disclose_texts() {
  return kEntries;
}

}  // namespace steiger::cli
