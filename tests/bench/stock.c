/* Fills a new store with users, through the desk: each is enrolled and confirmed as `garde enroll` does it.
 *
 *   stock KEY_RING STORE COUNT     as root; becomes the owner of the store
 *
 * User i is u0000000 ..., uid 1000000 + i; TOTP if i is even, HOTP if it is odd. Its secret is the first 20 bytes of HMAC-SHA-256 with
 * the key "garde bench" over its name, so that whoever measures can make its codes. A HOTP user's next counter is 1.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <garde/number.h>
#include <garde/otp.h>

#include "desk/desk.h"

#define AT_ONCE    500
#define SECRET_LEN 20

struct stock {
    struct crypto *crypto;
    struct crypto_mac *mac;
    struct desk *desk;
    int64_t now_ms;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "stock: %s\n", what);
    _exit(1);
}

static struct job *new_job(enum wire_type type)
{
    struct job *job = job_new(JOB_ADMIN);
    if (job == NULL)
        die("no memory");
    job->caller = (struct caller){.door = DOOR_ADMIN, .service = "garde", .origin = "admin:0", .actor = "uid=0"};
    job->request.type = type;
    return job;
}

static struct secret *secret_of(const struct stock *stock, const char *user)
{
    uint8_t bytes[CRYPTO_HASH_MAX];
    size_t len = 0;
    if (crypto_mac_sign(stock->mac, user, strlen(user), bytes, &len) != STATUS_OK)
        die("no secret");
    return secret_copy(bytes, SECRET_LEN);
}

/* Two jobs: enrol, then confirm. */
static struct job *jobs_of(const struct stock *stock, uint64_t number, struct job *next)
{
    bool totp = number % 2 == 0;
    struct job *enrol = new_job(WIRE_ENROL), *confirm = new_job(WIRE_CONFIRM);
    struct wire_enrol *ask = &enrol->request.enrol;

    (void)snprintf(ask->user, sizeof ask->user, "u%07" PRIu64, number);
    (void)snprintf(confirm->request.confirm.user, sizeof ask->user, "%s", ask->user);
    ask->uid = (uint32_t)(1000000 + number);
    ask->kind = totp ? FACTOR_TOTP : FACTOR_HOTP;
    ask->algorithm = ALGORITHM_SHA1;
    ask->digits = 6;
    ask->period_s = totp ? 30 : 0;
    ask->secret = secret_of(stock, ask->user);
    uint64_t moving = totp ? otp_step(stock->now_ms / 1000, 30) : 0;
    if (ask->secret == NULL ||
        otp_code(stock->crypto, ask->secret, ALGORITHM_SHA1, 6, moving, &confirm->request.confirm.code) != STATUS_OK)
        die("no code");
    enrol->next = confirm;
    confirm->next = next;
    return enrol;
}

static void run(struct stock *stock, struct job *first)
{
    if (desk_run(stock->desk, first, stock->now_ms, NULL, NULL) != STATUS_OK)
        die("a batch was not recorded");
    while (first != NULL) {
        struct job *next = first->next;
        if (first->reply.result.code != WIRE_OK)
            die("a user was not enrolled");
        job_free(first);
        first = next;
    }
    bool more = true;
    while (more)
        if (desk_tend(stock->desk, false, &more) != STATUS_OK)
            die("the log was not moved");
}

static void fill(struct stock *stock, uint64_t count)
{
    for (uint64_t i = 0; i < count;) {
        struct job *first = NULL;
        for (uint64_t last = i + AT_ONCE; i < last && i < count; i++)
            first = jobs_of(stock, i, first);
        run(stock, first);
    }
}

static void open_desk(struct stock *stock, const char *key_ring, const char *path)
{
    static const struct desk_rules rules = {.limits = {.window_steps = 1, .lock_for_s = 900}, .pending_for_s = 900};
    struct crypto *crypto = NULL;
    struct vault *vault = NULL;
    struct store *store = NULL;
    struct problem problem = {0};
    struct stat stat_buffer;

    if (crypto_new(&crypto) != STATUS_OK || vault_open(crypto, key_ring, geteuid(), &vault, &problem) != STATUS_OK)
        die("no key ring");
    if (stat(path, &stat_buffer) != 0 || setresgid(stat_buffer.st_gid, stat_buffer.st_gid, stat_buffer.st_gid) != 0 ||
        setresuid(stat_buffer.st_uid, stat_buffer.st_uid, stat_buffer.st_uid) != 0)
        die("cannot become the store's owner");
    if (store_open(path, &store, &problem) != STATUS_OK ||
        desk_open(crypto, vault, store, &rules, NULL, NULL, NULL, &stock->desk) != STATUS_OK)
        die("no store");
}

int main(int argc, char **argv)
{
    struct stock stock = {.now_ms = ((int64_t)time(NULL) - 3600) * 1000};
    secret_owner struct secret *key = secret_copy("garde bench", strlen("garde bench"));
    uint64_t count = 0;

    if (argc != 4 || number_parse(argv[3], 1, 9999999, &count) != STATUS_OK) {
        (void)fprintf(stderr, "usage: stock KEY_RING STORE COUNT\n");
        return 2;
    }
    if (crypto_new(&stock.crypto) != STATUS_OK || key == NULL ||
        crypto_mac_new(stock.crypto, ALGORITHM_SHA256, key, &stock.mac) != STATUS_OK)
        die("no memory");
    open_desk(&stock, argv[1], argv[2]);
    fill(&stock, count);
    bool more = true;
    while (more)
        if (desk_tend(stock.desk, true, &more) != STATUS_OK)
            die("the log was not moved");
    desk_close(stock.desk);
    crypto_mac_free(stock.mac);
    crypto_free(stock.crypto);
    return 0;
}
