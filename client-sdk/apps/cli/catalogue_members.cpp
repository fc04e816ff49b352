// Who is in a conversation, questions for a yes or no, own devices. What the jongere reads is at A2: short sentences, "je", and that no
// is fine.
#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
    {"question.let_in",
     "Gesprek {4}. Je coach vraagt: mag {0} meelezen? Het gaat over: {1}.\n"
     "  Ja:  {0} kan alles lezen wat jullie vanaf nu schrijven, en meeschrijven. Tot {2}. Dan stopt het vanzelf.\n"
     "       Wat er al stond, ziet {0} niet. Je mag {0} er altijd zelf uithalen: steiger members\n"
     "  Nee: er verandert niets. Nee is ook goed. Je hoeft niet te zeggen waarom.\n"
     "  Weet je het niet? Vraag het je coach.\n"
     "  Antwoord: steiger answer {3} ja    of: steiger answer {3} nee",
     "Conversation {4}. Your coach asks: may {0} read along? It is about: {1}.\n"
     "  Yes: {0} can read all that you write from now on, and write too. Until {2}. Then it stops by itself.\n"
     "       What was there before, {0} does not see. You can always take {0} out yourself: steiger members\n"
     "  No:  nothing changes. No is fine too. You need not say why.\n"
     "  Not sure? Ask your coach.\n"
     "  Answer: steiger answer {3} yes    or: steiger answer {3} no"},
    {"question.handover",
     "Gesprek {0}. Je coach gaat weg. Een andere coach ({2}) wil met je verder. Mag dat?\n"
     "  Ja:  de nieuwe coach komt in dit gesprek. Je oude coach gaat eruit en leest niets meer.\n"
     "       Wat er al stond, ziet de nieuwe coach niet.\n"
     "  Nee: er verandert nu niets. Nee is ook goed. Je kunt later een nieuwe vraag krijgen.\n"
     "  Weet je het niet? Bel je coach of de gemeente.\n"
     "  Antwoord: steiger answer {1} ja    of: steiger answer {1} nee",
     "Conversation {0}. Your coach is leaving. Another coach ({2}) wants to go on with you. Is that all right?\n"
     "  Yes: the new coach comes into this conversation. Your old coach goes out and reads nothing more.\n"
     "       What was there before, the new coach does not see.\n"
     "  No:  nothing changes now. No is fine too. You may get a new question later.\n"
     "  Not sure? Call your coach or the municipality.\n"
     "  Answer: steiger answer {1} yes    or: steiger answer {1} no"},
    {"question.new_key",
     "{0} is een toestel kwijt en wil veilig verder. Bel {0} op een nummer dat je kent. Vraag of dit klopt.\n"
     "  Ja:  {0} gaat verder met nieuwe sleutels; het kwijtgeraakte toestel kan niets meer.\n"
     "  Nee: er verandert niets. Doe dit als je {0} niet hebt gesproken.\n"
     "  Antwoord: steiger answer {1} ja    of: steiger answer {1} nee",
     "{0} has lost a device and wants to go on safely. Call {0} on a number that you know. Ask whether this is right.\n"
     "  Yes: {0} goes on with new keys; the lost device can do nothing more.\n"
     "  No:  nothing changes. Say so if you did not speak to {0}.\n"
     "  Answer: steiger answer {1} yes    or: steiger answer {1} no"},
    {"question.none", "Er zijn geen vragen voor jou.", "There are no questions for you."},
    {"question.yes_or_no", "Antwoord met ja of nee.", "Answer with yes or no."},
    {"question.said_yes", "Je zei ja.", "You said yes."},
    {"question.said_no", "Je zei nee. Dat is goed.", "You said no. That is fine."},
    {"reason.guidance", "begeleiding", "guidance"},
    {"reason.debts", "schulden", "debts"},
    {"reason.housing", "wonen", "housing"},
    {"reason.care", "zorg", "care"},
    {"reason.school", "opleiding", "school"},
    {"reason.work", "werk", "work"},
    {"reason.other", "iets anders", "something else"},
    {"member.reads_along", "leest mee", "reads along"},
    {"member.until", "tot {0}", "until {0}"},
    {"member.devices", "{0} toestellen", "{0} devices"},
    {"member.removing", "Gevraagd. Kijk straks of het is gebeurd: steiger members",
     "Asked. Look in a moment whether it has happened: steiger members"},
    {"member.bad_id", "Dit is geen heel nummer: {0}. Kijk met --json voor hele nummers.",
     "This is no whole number: {0}. Use --json to see whole numbers."},
    {"notice.none", "Er is niets gebeurd.", "Nothing has happened."},
    {"notice.joined", "{0} doet mee.", "{0} joined."},
    {"notice.left", "{0} is weg uit dit gesprek.", "{0} left this conversation."},
    {"notice.new_device", "{0} heeft een nieuw toestel.", "{0} has a new device."},
    {"notice.gone_device", "Een toestel van {0} is weg.", "A device of {0} is gone."},
    {"notice.new_key", "{0} heeft nieuwe sleutels.", "{0} has new keys."},
    {"notice.handover", "{0} is de nieuwe coach.", "{0} is the new coach."},
    {"notice.resync", "Een toestel van {0} doet weer mee.", "A device of {0} is back in step."},
    {"notice.asked_in", "De coach vraagt of {0} mag meelezen.", "The coach asks whether {0} may read along."},
    {"notice.refused_in", "De jongere wil niet dat {0} meeleest.", "The young person does not want {0} to read along."},
    {"notice.handover_waits", "Overdracht wacht: de jongere beslist over een nieuwe coach ({0}).",
     "Handover waits: the young person decides about a new coach ({0})."},
    {"notice.removed", "Dit toestel is uit dit gesprek.", "This device is out of this conversation."},
    {"notice.comeback", "{0} is terug.", "{0} is back."},
    {"notice.other", "Er veranderde iets bij {0}.", "Something changed for {0}."},
    {"handover.offered", "Het aanbod is gedaan. De jongere beslist.", "The offer is made. The young person decides."},
    {"status.published", "Gepubliceerd. Iedereen krijgt de nieuwe lijst.", "Published. Everybody gets the new list."},
    {"device.since", "sinds {0}", "since {0}"},
    {"device.this", "(dit toestel)", "(this device)"},
    {"device.removed", "Het toestel doet niet meer mee.", "The device is out."},
    {"device.lost", "Het toestel doet niet meer mee. Je coach krijgt een vraag over nieuwe sleutels.",
     "The device is out. Your coach gets a question about new keys."},
    {"device.lost_staff",
     "Het toestel doet niet meer mee. Geef {0} aan de beheerder voor een nieuw certificaat en zet dat op dit toestel: steiger "
     "staff install",
     "The device is out. Give {0} to the administrator for a new certificate and put that on this device: steiger staff install"},
    {"invite.to_confirm.third_party",
     "{0} heeft de uitnodiging gebruikt. Bij een link: bel {0} en zeg dan steiger confirm {1} (ja) of steiger refuse {1} (nee). "
     "Daarna beslist de jongere.",
     "{0} has used the invitation. With a link: call {0}, then say steiger confirm {1} (yes) or steiger refuse {1} (no). After "
     "that the young person decides."},
    {"invite.reason_unknown", "Dit is geen reden: {0}. Kies uit begeleiding, schulden, wonen, zorg, opleiding, werk, anders.",
     "This is no reason: {0}. Choose from guidance, debts, housing, care, school, work, other."},
    {"invite.until_unknown", "Dit is geen datum: {0}. Schrijf bijvoorbeeld 2027-03-31.",
     "This is no date: {0}. Write for example 2027-03-31."},
    {"invite.until_needed", "Zeg wie, tot wanneer en waarom: --label NAAM --until DATUM --reason REDEN",
     "Say who, until when and why: --label NAME --until DATE --reason REASON"},
    {"invite.show.device", "Scan deze code met je nieuwe toestel, of typ daar: steiger join LINK. Geldig tot {0}.",
     "Scan this code with your new device, or type there: steiger join LINK. Valid until {0}."},

    {"help.members", "Wie zit er in het gesprek", "Who is in the conversation"},
    {"help.members.footer", "Voorbeeld: steiger members", "Example: steiger members"},
    {"help.member", "Iemand uit het gesprek halen", "Take somebody out of the conversation"},
    {"help.member.remove", "Haal iemand uit het gesprek", "Take somebody out of the conversation"},
    {"help.member.remove.footer",
     "Wie meeleest, kan er altijd uit: door de coach en door de jongere.\nVoorbeeld: steiger member remove 5f3a",
     "Who reads along can always go: the coach and the young person may do it.\nExample: steiger member remove 5f3a"},
    {"help.member.account", "Wie: het begin van het nummer in 'steiger members'",
     "Who: the beginning of the number in 'steiger members'"},
    {"help.notices", "Wat er in het gesprek gebeurde: wie kwam, wie ging, nieuwe toestellen",
     "What happened in the conversation: who came, who went, new devices"},
    {"help.notices.footer", "Voorbeeld: steiger notices", "Example: steiger notices"},
    {"help.questions", "Vragen waar jij ja of nee op zegt", "Questions for you to say yes or no to"},
    {"help.questions.footer", "Voorbeeld: steiger questions", "Example: steiger questions"},
    {"help.answer", "Zeg ja of nee op een vraag", "Say yes or no to a question"},
    {"help.answer.footer", "Voorbeeld: steiger answer 5f3a nee", "Example: steiger answer 5f3a no"},
    {"help.answer.question", "Welke vraag: het begin van het nummer in 'steiger questions'",
     "Which question: the beginning of the number in 'steiger questions'"},
    {"help.answer.answer", "ja of nee", "yes or no"},
    {"help.handover", "Teamleider: een gesprek aan een andere coach overdragen",
     "Teamleider: hand a conversation over to another coach"},
    {"help.handover.offer", "Teamleider: bied een andere coach aan; de jongere beslist",
     "Teamleider: offer another coach; the young person decides"},
    {"help.handover.offer.footer",
     "De nummers staan in 'steiger status --json' en 'steiger channels --json' van de coaches.\n"
     "Voorbeeld: steiger handover offer --channel ID --leaving ID --successor ID --key HASH",
     "The numbers are in 'steiger status --json' and 'steiger channels --json' of the coaches.\n"
     "Example: steiger handover offer --channel ID --leaving ID --successor ID --key HASH"},
    {"help.handover.channel", "Het gesprek, heel nummer", "The conversation, whole number"},
    {"help.handover.leaving", "De coach die gaat, heel nummer", "The coach who leaves, whole number"},
    {"help.handover.successor", "De coach die komt, heel nummer", "The coach who comes, whole number"},
    {"help.handover.key", "account_key_hash van de coach die komt", "account_key_hash of the coach who comes"},
    {"help.status.publish", "Medewerker: publiceer de statuslijst van de beheerder",
     "Staff: publish the administrator's status list"},
    {"help.status.publish.footer", "Voorbeeld: steiger status publish organisation.status",
     "Example: steiger status publish organisation.status"},
    {"help.status.publish.file", "De ondertekende statuslijst", "The signed status list"},
    {"help.status.publish.successions", "De opvolgingen van de sleutel van de organisatie",
     "The successions of the organisation's key"},
    {"help.devices", "Je eigen toestellen", "Your own devices"},
    {"help.devices.footer", "Voorbeeld: steiger devices", "Example: steiger devices"},
    {"help.device", "Een eigen toestel erbij of eraf", "Add or drop a device of your own"},
    {"help.device.link", "Nog een eigen toestel: toon de code", "One more device of your own: show the code"},
    {"help.device.link.footer", "Hou beide toestellen bij je. De code is 15 minuten geldig.\nVoorbeeld: steiger device link",
     "Keep both devices with you. The code is valid for 15 minutes.\nExample: steiger device link"},
    {"help.device.remove", "Een eigen toestel eraf", "Drop a device of your own"},
    {"help.device.remove.footer",
     "Kwijt of gestolen? Voeg --lost toe: dan komen er ook nieuwe sleutels.\nVoorbeeld: steiger device remove 5f3a --lost",
     "Lost or stolen? Add --lost: then there will be new keys too.\nExample: steiger device remove 5f3a --lost"},
    {"help.device.id", "Welk toestel: het begin van het nummer in 'steiger devices'",
     "Which device: the beginning of the number in 'steiger devices'"},
    {"help.device.lost", "Het toestel is kwijt of gestolen", "The device is lost or stolen"},
    {"help.invite.reading_along", "Iemand laten meelezen in een gesprek; de jongere beslist",
     "Let somebody read along in a conversation; the young person decides"},
    {"help.invite.until", "Meelezen: tot en met deze dag, bijvoorbeeld 2027-03-31",
     "Reading along: up to and including this day, for example 2027-03-31"},
    {"help.invite.reason", "Meelezen: waarom (begeleiding, schulden, wonen, zorg, opleiding, werk, anders)",
     "Reading along: why (guidance, debts, housing, care, school, work, other)"},
    {"help.invite.comeback", "Iemand uit het gesprek die zijn toestel kwijt is: begin van het nummer in 'steiger members'",
     "A member of the conversation who lost their device: beginning of the number in 'steiger members'"},
    {"help.invite.lost", "Bij --comeback: het oude toestel is kwijt of gestolen",
     "With --comeback: the old device is lost or stolen"},
};

}  // namespace

std::span<const CatalogueEntry> member_texts() {
  return kEntries;
}

}  // namespace steiger::cli
