/* MUST 1  Nothing that an unprivileged peer says reaches its origin or its service.
 * MUST 2  No byte of a name can end a line or a field of the log: control bytes become '?', in an actor blanks too.
 */
#include "caller.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char printable(char c)
{
    unsigned char byte = (unsigned char)c;
    return byte < 0x20 || byte == 0x7f ? '?' : c;
}

/* prefix, then text as far as it fits. */
static void name_origin(char *out, const char *prefix, const char *text, char (*change)(char))
{
    size_t used = strlen(prefix);
    memcpy(out, prefix, used);
    for (; *text != '\0' && used + 1 < ORIGIN_SIZE; text++)
        out[used++] = printable(change == NULL ? *text : change(*text));
    out[used] = '\0';
}

static void origin_of_v4(const void *address, char *out)
{
    char text[INET_ADDRSTRLEN] = "";
    (void)inet_ntop(AF_INET, address, text, sizeof text);
    name_origin(out, "ip:", text, NULL);
}

static void origin_of_v6(struct in6_addr address, char *out)
{
    if (IN6_IS_ADDR_V4MAPPED(&address)) {
        origin_of_v4(&address.s6_addr[12], out);
        return;
    }
    memset(&address.s6_addr[8], 0, 8);
    char net[INET6_ADDRSTRLEN] = "", text[sizeof net + 3];
    (void)inet_ntop(AF_INET6, &address, net, sizeof net);
    (void)snprintf(text, sizeof text, "%s/64", net);
    name_origin(out, "ip:", text, NULL);
}

static void origin_of_rhost(const char *rhost, char *out)
{
    struct in_addr v4;
    struct in6_addr v6;
    char address[INET6_ADDRSTRLEN];

    if (inet_pton(AF_INET, rhost, &v4) == 1) {
        origin_of_v4(&v4, out);
        return;
    }
    size_t len = strcspn(rhost, "%"); /* the scope id names an interface of ours, not where the caller is */
    if (len < sizeof address) {
        memcpy(address, rhost, len);
        address[len] = '\0';
        if (inet_pton(AF_INET6, address, &v6) == 1) {
            origin_of_v6(v6, out);
            return;
        }
    }
    name_origin(out, "host:", rhost, lower);
}

static void origin_of_uid(uint32_t uid, char *out)
{
    (void)snprintf(out, ORIGIN_SIZE, "local:%u", uid);
}

static void origin_of_admin(uint32_t uid, char *out)
{
    (void)snprintf(out, ORIGIN_SIZE, "admin:%u", uid);
}

static void copy_service(char *out, const char *service)
{
    size_t used = 0;
    for (; *service != '\0' && used + 1 < SERVICE_SIZE; service++)
        out[used++] = printable(*service);
    out[used] = '\0';
}

/* A word of an actor: no blank in it may begin another one. */
static void copy_word(char *out, size_t size, const char *text)
{
    size_t used = 0;
    for (; *text != '\0' && used + 1 < size; text++)
        out[used++] = *text == ' ' ? '?' : printable(*text);
    out[used] = '\0';
}

static void fill_trusted(const struct wire_ask *ask, uint32_t uid, struct caller *out)
{
    if (ask->tty[0] != '\0') {
        char tty[TTY_SIZE];
        copy_word(tty, sizeof tty, ask->tty);
        (void)snprintf(out->actor, sizeof out->actor, "uid=%u tty=%s", uid, tty);
    }
    copy_service(out->service, ask->service);
    if (ask->rhost[0] != '\0')
        origin_of_rhost(ask->rhost, out->origin);
    else if (ask->ruser[0] != '\0')
        name_origin(out->origin, "ruser:", ask->ruser, NULL);
    else
        origin_of_uid(uid, out->origin);
}

void caller_of_login(enum door door, uint32_t uid, const struct settings_peer *peer, const struct wire_ask *ask,
                     struct caller *out_caller)
{
    struct caller caller = {.door = door, .uid = uid, .service = "local"};

    (void)snprintf(caller.actor, sizeof caller.actor, "uid=%u", uid);
    origin_of_uid(uid, caller.origin);
    if (door == DOOR_TRUSTED && ask != NULL)
        fill_trusted(ask, uid, &caller);
    if (door == DOOR_PEER && peer != NULL) {
        copy_service(caller.service, peer->service);
        name_origin(caller.origin, "peer:", peer->name, NULL);
    }
    *out_caller = caller;
}

static const struct wire_actor *actor_of(const struct wire_message *request)
{
    if (request->type == WIRE_ENROL)
        return &request->enrol.actor;
    if (request->type == WIRE_CONFIRM)
        return &request->confirm.actor;
    if (request->type == WIRE_RECOVERY)
        return &request->recovery.actor;
    if (request->type == WIRE_TEMPCODE)
        return &request->tempcode.actor;
    if (request->type == WIRE_CHANGE)
        return &request->change.actor;
    if (request->type == WIRE_TRY)
        return &request->try.actor;
    if (request->type == WIRE_RESYNC)
        return &request->resync.actor;
    if (request->type == WIRE_EXPORT)
        return &request->export.actor;
    return NULL;
}

void caller_of_admin(uint32_t uid, const struct wire_message *request, struct caller *out_caller)
{
    struct caller caller = {.door = DOOR_ADMIN, .uid = uid, .service = "garde"};
    const struct wire_actor *actor = actor_of(request);
    char login[24] = "";
    char sudo[sizeof actor->sudo_user + 8] = "";

    if (actor != NULL && actor->login_uid != NO_UID)
        (void)snprintf(login, sizeof login, " login=%u", actor->login_uid);
    if (actor != NULL && actor->sudo_user[0] != '\0') {
        char name[sizeof actor->sudo_user];
        copy_word(name, sizeof name, actor->sudo_user);
        (void)snprintf(sudo, sizeof sudo, " sudo=%s", name);
    }
    (void)snprintf(caller.actor, sizeof caller.actor, "uid=%u%s%s", uid, login, sudo);
    origin_of_admin(uid, caller.origin);
    *out_caller = caller;
}

static bool may_be_let_through(const struct caller *caller)
{
    return caller->door == DOOR_TRUSTED || caller->door == DOOR_PUBLIC;
}

/* NULL: one that is hearsay. */
static const char *believed_service(const struct caller *caller)
{
    return caller->door == DOOR_TRUSTED ? caller->service : NULL;
}

struct settings_rules caller_rules(const struct settings *settings, const struct caller *caller, uint64_t groups)
{
    if (!may_be_let_through(caller))
        return (struct settings_rules){.unenrolled = {.answer = UNENROLLED_REFUSE}};
    return settings_rules(settings, believed_service(caller), groups);
}

struct settings_rules caller_loosest_rules(const struct settings *settings, const struct caller *caller)
{
    if (!may_be_let_through(caller))
        return (struct settings_rules){.unenrolled = {.answer = UNENROLLED_REFUSE}};
    return settings_loosest_rules(settings, believed_service(caller));
}
