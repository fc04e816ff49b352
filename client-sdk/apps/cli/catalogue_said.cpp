// What the commands and the chat say when things go as they should.
#include "client-sdk/apps/cli/catalogue.h"

namespace steiger::cli {
namespace {

constexpr CatalogueEntry kEntries[] = {
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
    // S16: people are told plainly that messages can be proven later; once when they begin, and always at /help.
    {"proof.jongere", "Goed om te weten: iedereen in het gesprek kan later bewijzen wat er is geschreven.",
     "Good to know: everybody in the conversation can later prove what was written."},
    {"proof.coach", "Goed om te weten: iedereen in een gesprek kan later bewijzen wat daar is geschreven.",
     "Good to know: everybody in a conversation can later prove what was written there."},
    {"join.waiting_certificate", "De uitnodiging klopt. Even wachten op je coach.",
     "The invitation is right. Waiting for your coach."},
    {"join.waiting_coach", "Bijna klaar. Je coach zet het gesprek open.",
     "Nearly there. Your coach is opening the conversation."},
    {"join.resumed",
     "Dit toestel is al bezig met een uitnodiging en gaat daarmee verder. Een andere? Neem dan een andere map: --data DIR",
     "This device has begun with an invitation and goes on with it. Another one? Then take another directory: --data DIR"},
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
    {"chat.elsewhere", "({0} schreef in een ander gesprek. Lezen: /channel {1})",
     "({0} wrote in another conversation. To read: /channel {1})"},
    {"chat.still_with", "Je praat nog met {0}.", "You are still talking with {0}."},
    {"chat.storage_works", "[bewaren lukt weer]", "[saving works again]"},
    {"chat.unknown_command", "Dat commando is er niet. /help toont wat kan.",
     "There is no such command. /help shows what there is."},
    {"chat.failed_message", "Niet verstuurd: {0}", "Not sent: {0}"},
    {"chat.undelivered_message", "Niet bij iedereen aangekomen, iemand was te lang weg: {0}",
     "Not everybody got this, somebody was away too long: {0}"},
    {"chat.still_waiting", "{0} bericht(en) wachten nog. Ze gaan weg zodra je Steiger weer opent en er verbinding is.",
     "{0} message(s) still waiting. They go as soon as you open Steiger again and there is a connection."},
    {"chat.help",
     "Typ een bericht en druk op Enter.\n"
     "  /invite [NAAM]   uitnodigen, samen aan tafel (QR)\n"
     "  /link [NAAM]     uitnodigen op afstand (link)\n"
     "  /invites         uitnodigingen tonen\n"
     "  /confirm ID      ja, dit is hem of haar      /refuse ID   nee\n"
     "  /channel NAAM    ander gesprek               /channels    alle gesprekken\n"
     "  /status          hoe het ervoor staat        /quit        stoppen\n"
     "Goed om te weten: wie in dit gesprek zit kan later bewijzen wat hier is geschreven.",
     "Type a message and press Enter.\n"
     "  /invite [NAME]   invite face to face (QR)\n"
     "  /link [NAME]     invite at a distance (link)\n"
     "  /invites         show invitations\n"
     "  /confirm ID      yes, this is the person     /refuse ID   no\n"
     "  /channel NAME    another conversation        /channels    all conversations\n"
     "  /status          how things are              /quit        stop\n"
     "Good to know: everybody in this conversation can later prove what was written here."},
    {"channel.none", "Er is nog geen gesprek.", "There is no conversation yet."},
    {"channel.unknown", "Dat gesprek ken ik niet, of er zijn er meer die zo beginnen. Kijk met: steiger channels",
     "I do not know that conversation, or several begin like that. Look with: steiger channels"},
    {"channel.many", "Er zijn meer gesprekken. Zeg welk: --channel NAAM. Kijk met: steiger channels",
     "There are several conversations. Say which: --channel NAME. Look with: steiger channels"},
    {"channel.stopped", "gestopt: er klopte iets niet", "stopped: something was not right"},
    {"channel.awaits_coach", "de coach kan hier niet lezen; wat je schrijft wacht op een nieuwe coach",
     "the coach cannot read here; what you write waits for a new coach"},
    {"channel.restoring", "wordt hersteld; wat je schrijft wacht even", "being restored; what you write waits a moment"},
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
    {"alarm", "[let op] {0}", "[careful] {0}"},
    {"demo.missing", "Hier is geen demo: {0}. Begin met: deploy/quickstart",
     "There is no demo here: {0}. Begin with: deploy/quickstart"},
    {"demo.label", "de jongere", "the young person"},
    {"demo.link", "Open deze link in de browser, binnen 15 minuten. De coach moet dan in gesprek zijn: steiger demo chat",
     "Open this link in the browser within 15 minutes. The coach's chat must be open by then: steiger demo chat"},
};

}  // namespace

std::span<const CatalogueEntry> said_texts() {
  return kEntries;
}

}  // namespace steiger::cli
