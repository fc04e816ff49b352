// "alarm.<name>": something that must not happen did. Each says what it was, what stands still and what goes on, what you can do,
// and whom to ask. Read by coach and jongere alike, so A2, and never a reproach.
#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
    // ---- one conversation stands still (S15, S16); what is shown in it was checked and stays true
    {"alarm.chain_broken",
     "De server gaf berichten in een andere volgorde, of liet er een weg. Dit gesprek staat stil. Wat er al stond klopt. "
     "Bel elkaar om verder te praten, en vraag de beheerder om naar de server te kijken.",
     "The server changed the order of messages or left one out. This conversation stands still. What was there is right. "
     "Call each other to go on talking, and ask the administrator to look at the server."},
    {"alarm.head_signature",
     "De handtekening van de server klopt niet. Dit gesprek staat stil. Wat er al stond klopt. "
     "Bel elkaar om verder te praten, en vraag de beheerder om naar de server te kijken.",
     "The server's signature is not right. This conversation stands still. What was there is right. "
     "Call each other to go on talking, and ask the administrator to look at the server."},
    {"alarm.history_differs",
     "De ander zag andere berichten dan jij. Dit gesprek staat stil. Bel elkaar en vergelijk de laatste berichten. "
     "Vraag daarna de beheerder om naar de server te kijken.",
     "The other person saw other messages than you. This conversation stands still. Call each other and compare the last "
     "messages. "
     "Then ask the administrator to look at the server."},
    {"alarm.echo_differs",
     "Een bericht van jou kwam veranderd terug van de server. Dit gesprek staat stil. "
     "Bel elkaar en vraag wat de ander las. Vraag daarna de beheerder om naar de server te kijken.",
     "A message of yours came back changed from the server. This conversation stands still. "
     "Call each other and ask what the other person read. Then ask the administrator to look at the server."},
    {"alarm.sender_mismatch",
     "Een bericht kwam niet van wie het zei. Het wordt niet getoond en dit gesprek staat stil. "
     "Bel elkaar om verder te praten, en vertel het de beheerder.",
     "A message did not come from whom it said. It is not shown and this conversation stands still. "
     "Call each other to go on talking, and tell the administrator."},
    {"alarm.commit_refused",
     "Iemand wilde dit gesprek veranderen op een manier die niet mag. Dat is geweigerd en dit gesprek staat stil. "
     "Bel elkaar om verder te praten, en vertel het de beheerder.",
     "Somebody tried to change this conversation in a way that is not allowed. That was refused and this conversation stands "
     "still. Call each other to go on talking, and tell the administrator."},

    {"alarm.channel_failed",
     "De server wil dit gesprek niet openen of veranderen. Dit gesprek staat stil. "
     "Bel elkaar om verder te praten. Maak een nieuwe uitnodiging; lukt die ook niet, vraag dan de beheerder.",
     "The server refuses to open or change this conversation. This conversation stands still. "
     "Call each other to go on talking. Make a new invitation; if that fails as well, ask the administrator."},

    // ---- one message; the conversation goes on
    {"alarm.franking_failed",
     "Er kwam een bericht dat niet te bewijzen is. Het wordt niet getoond; het gesprek gaat door. "
     "Vraag de ander wat erin stond, en vertel het de beheerder als het vaker gebeurt.",
     "A message came that could not be proven. It is not shown; the conversation goes on. "
     "Ask the other person what it said, and tell the administrator if it happens again."},
    {"alarm.unreadable",
     "Er kwam een bericht dat hier niet te lezen is. Het gesprek gaat door. Vraag de ander om het nog eens te sturen.",
     "A message came that cannot be read here. The conversation goes on. Ask the other person to send it again."},

    {"alarm.repeated_message",
     "Er kwam een bericht met een nummer dat al gebruikt is. Het wordt niet getoond; het gesprek gaat door. "
     "Vraag de ander om het nog eens te sturen, en vertel het de beheerder als het vaker gebeurt.",
     "A message came under a number that was used before. It is not shown; the conversation goes on. "
     "Ask the other person to send it again, and tell the administrator if it happens again."},

    {"alarm.change_refused",
     "Iemand toevoegen of weghalen is niet gelukt. Het gesprek gaat gewoon door. "
     "Kijk wie er in het gesprek zit en probeer het nog eens; lukt het weer niet, vraag dan de beheerder.",
     "Adding or removing somebody did not work. The conversation goes on. "
     "Look who is in the conversation and try again; if it fails again, ask the administrator."},
    {"alarm.resync_limit",
     "Dit toestel raakte vandaag te vaak achter in een gesprek. Morgen probeert het vanzelf weer. Bel elkaar zolang.",
     "This device fell behind in a conversation too often today. It tries again by itself tomorrow. Call each other until then."},

    // ---- invitations
    {"alarm.invite_second_proof",
     "Nog iemand probeerde dezelfde uitnodiging en is niet binnengelaten. "
     "Bel de jongere: deelde die de link? Twijfel je, trek de uitnodiging dan in en maak een nieuwe.",
     "Somebody else tried the same invitation and was not let in. "
     "Call the young person: did they share the link? When in doubt, withdraw the invitation and make a new one."},
    {"alarm.invite_proof_invalid",
     "Iemand probeerde een uitnodiging met verkeerde sleutels en is geweigerd. Er is niets veranderd. "
     "Bel de jongere of het lukt; zo niet, maak een nieuwe uitnodiging. Vertel het de beheerder als het vaker gebeurt.",
     "Somebody tried an invitation with wrong keys and was refused. Nothing was changed. "
     "Call the young person whether it works; if not, make a new invitation. Tell the administrator if it happens again."},
    {"alarm.invite_not_accepted",
     "Een uitnodiging kon niet worden afgemaakt. Er is nog geen gesprek. Maak een nieuwe uitnodiging, en bel de jongere "
     "daarover.",
     "An invitation could not be completed. There is no conversation yet. Make a new invitation, and call the young person."},
    {"alarm.welcome_refused",
     "Iemand anders dan je coach wilde een gesprek met je openen. Dat is geweigerd. Bel je coach en vraag om een nieuwe "
     "uitnodiging.",
     "Somebody other than your coach tried to open a conversation with you. That was refused. Call your coach and ask for a new "
     "invitation."},

    // ---- the server, for all conversations of this device
    {"alarm.wrong_organisation",
     "Op dit adres staat nu de server van een andere organisatie. Er wordt niets verstuurd; wat je schrijft blijft hier bewaard. "
     "Vraag je coach of de beheerder naar het goede adres.",
     "The server of another organisation is at this address now. Nothing is sent; what you write is kept here. "
     "Ask your coach or the administrator for the right address."},
    {"alarm.head_key_changed",
     "De server heeft een andere sleutel dan eerst. Er wordt niets verstuurd; wat je schrijft blijft hier bewaard. "
     "Bel elkaar om verder te praten, en vraag de beheerder of er iets aan de server is veranderd.",
     "The server has another key than before. Nothing is sent; what you write is kept here. "
     "Call each other to go on talking, and ask the administrator whether the server was changed."},
    {"alarm.gateway_behind",
     "De server is berichten kwijt die hij al had. Er wordt niets verstuurd; wat je schrijft blijft hier bewaard. "
     "Bel elkaar om verder te praten, en vraag de beheerder of er een oude kopie is teruggezet.",
     "The server lost messages that it had already. Nothing is sent; what you write is kept here. "
     "Call each other to go on talking, and ask the administrator whether an old copy was put back."},
    {"alarm.bad_login",
     "De server laat dit toestel niet toe. Wat je schrijft blijft hier bewaard. "
     "Klopt de klok van dit toestel? Blijft het zo, vraag dan je coach of de beheerder.",
     "The server does not let this device in. What you write is kept here. "
     "Is this device's clock right? If it stays like this, ask your coach or the administrator."},

    // ---- this device stops
    {"alarm.rollback_detected",
     "Dit toestel had oude gegevens, bijvoorbeeld uit een reservekopie. Het komt vanzelf weer in elk gesprek, en haalt op wat "
     "het "
     "mist. Wat je schrijft wacht zolang. Mis je daarna iets? Vraag het de ander. Zet nooit een kopie van deze map terug.",
     "This device had old data, for example of a backup. It comes back into every conversation by itself, and gets what it "
     "misses. What you write waits meanwhile. Is something missing then? Ask the other person. Never put a copy of this "
     "directory "
     "back."},
    {"alarm.revoked_device",
     "Dit toestel is afgemeld. Het verstuurt en krijgt niets meer; lezen kan nog. "
     "Was jij dat niet? Bel je coach. Coach: bel de beheerder.",
     "This device was signed off. It sends and gets nothing any more; reading still works. "
     "Was that not you? Call your coach. Coach: call the administrator."},
    {"alarm.local_storage",
     "Bewaren lukt niet: waarschijnlijk is de schijf vol. Er wordt nu niets verstuurd of ontvangen, en er gaat niets verloren. "
     "Maak ruimte vrij; Steiger gaat dan vanzelf verder.",
     "Saving does not work: probably the disk is full. Nothing is sent or received now, and nothing is lost. "
     "Make room; Steiger then goes on by itself."},

    {"alarm.cause", "{0} (oorzaak: {1})", "{0} (cause: {1})"},
    // ---- any other: its sentence, or its name for whoever looks into it
    {"alarm.other", "Er klopt iets niet: {0} Vertel het je coach. Coach: vertel het de beheerder.",
     "Something is not right: {0} Tell your coach. Coach: tell the administrator."},
};

}  // namespace

std::span<const CatalogueEntry> alarm_texts() {
  return kEntries;
}

}  // namespace steiger::cli
