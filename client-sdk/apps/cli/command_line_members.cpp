#include "client-sdk/apps/cli/command_line.h"

namespace steiger::cli {

void CommandLine::add_members() {
  auto& list = command(app_, "members", "members");
  device(list);
  option(list, "--channel", room_.channel, "help.channel", "CHANNEL");
  runs(list, [this](const Context& context) { return list_members(context, room_); });

  auto& member = group("member");
  auto& out = command(member, "remove", "member.remove");
  device(out);
  option(out, "account", member_remove_.account, "help.member.account", "MEMBER")->required();
  option(out, "--channel", member_remove_.channel, "help.channel", "CHANNEL");
  runs(out, [this](const Context& context) { return remove_member(context, member_remove_); });

  auto& happened = command(app_, "notices", "notices");
  device(happened);
  option(happened, "--channel", room_.channel, "help.channel", "CHANNEL");
  runs(happened, [this](const Context& context) { return list_notices(context, room_); });

  auto& questions = command(app_, "questions", "questions");
  device(questions);
  runs(questions, [](const Context& context) { return list_questions(context); });

  auto& reply = command(app_, "answer", "answer");
  device(reply);
  option(reply, "question", answer_.question, "help.answer.question", "QUESTION")->required();
  option(reply, "answer", answer_.answer, "help.answer.answer", "ja|nee")->required();
  runs(reply, [this](const Context& context) { return answer_question(context, answer_); });

  auto& handover = group("handover");
  auto& offer = command(handover, "offer", "handover.offer");
  device(offer);
  option(offer, "--channel", handover_.channel, "help.handover.channel", "ID")->required();
  option(offer, "--leaving", handover_.leaving, "help.handover.leaving", "ID")->required();
  option(offer, "--successor", handover_.successor, "help.handover.successor", "ID")->required();
  option(offer, "--key", handover_.key, "help.handover.key", "HASH")->required();
  runs(offer, [this](const Context& context) { return offer_handover(context, handover_); });
}

void CommandLine::add_devices() {
  auto& list = command(app_, "devices", "devices");
  device(list);
  runs(list, [](const Context& context) { return list_devices(context); });

  auto& own = group("device");
  auto& link = command(own, "link", "device.link");
  device(link);
  link.add_flag("--no-wait", no_wait_, texts_.text("help.invite.no_wait"));
  timeout(link, long_timeout_);
  runs(link, [this](const Context& context) {
    Invite one_more;
    one_more.qr = true;  // face to face with oneself (S2)
    one_more.purpose = api::InvitePurpose::device;
    one_more.wait = !no_wait_;
    one_more.timeout = seconds(long_timeout_);
    return invite(context, one_more);
  });

  auto& out = command(own, "remove", "device.remove");
  device(out);
  option(out, "device", device_remove_.device, "help.device.id", "DEVICE")->required();
  out.add_flag("--lost", device_remove_.lost, texts_.text("help.device.lost"));
  option(out, "--output", device_remove_.output, "help.output", "FILE");
  runs(out, [this](const Context& context) { return remove_device(context, device_remove_); });
}

}  // namespace steiger::cli
