#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peers.h"

static unsigned told;
static char last_why[128];

static void tell(const char *name, const char *why)
{
    (void)name;
    told++;
    snprintf(last_why, sizeof last_why, "%s", why);
}

static void one_peer(const char *name, struct peers *out_peers)
{
    static struct settings settings;
    char file[] = "/tmp/garde-passwd-XXXXXX";
    static const char text[] = "root:x:0:0::/root:/bin/sh\nfreeradius:x:117:125::/:/bin/false\n"
                               "freerad:x:118:125::/:/bin/false\nnobody:x:65534:65534::/:\n";
    int fd = mkstemp(file);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);

    settings.peer_count = 2;
    snprintf(settings.peers[0].name, sizeof settings.peers[0].name, "%s", name);
    strcpy(settings.peers[0].service, "radius");
    strcpy(settings.peers[1].name, "200");
    told = 0;
    peers_resolve(&settings, file, tell, out_peers);
    unlink(file);
}

START_TEST(a_peer_is_found_by_the_uid_of_its_name_or_number)
{
    struct peers peers;
    one_peer("freerad", &peers);
    ck_assert_uint_eq(told, 0);
    ck_assert_ptr_nonnull(peers_find(&peers, 118));
    ck_assert_str_eq(peers_find(&peers, 118)->service, "radius");
    ck_assert_ptr_nonnull(peers_find(&peers, 200));
    ck_assert_ptr_null(peers_find(&peers, 0));
    ck_assert_ptr_null(peers_find(&peers, 1000));
}
END_TEST

START_TEST(a_name_that_cannot_be_a_peer_is_left_out_and_told)
{
    static const char *const bad[] = {"nosuchuser", "free",   "freeradi", "Freerad",    "root",
                                      "0",          "nobody", "65534",    "4294967295", "200"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct peers peers;
        one_peer(bad[i], &peers);
        ck_assert_uint_eq(told, 1);
        ck_assert_uint_eq(peers.count, 1);
        ck_assert_ptr_nonnull(peers_find(&peers, 200));
    }
}
END_TEST

SUITE("peers", a_peer_is_found_by_the_uid_of_its_name_or_number, a_name_that_cannot_be_a_peer_is_left_out_and_told)
