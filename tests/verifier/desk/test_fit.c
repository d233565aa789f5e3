#include "suite.h"

#include <sys/stat.h>
#include <unistd.h>

#include "office.h"

static struct office office;

START_TEST(a_key_ring_fits_its_own_store)
{
    office_open(&office);
    ck_assert_int_eq(desk_fits(office.desk), STATUS_OK);
    office_close(&office);
}
END_TEST

START_TEST(another_installations_key_ring_does_not_fit)
{
    struct problem problem;
    office_open(&office);
    ck_assert_int_eq(unlink(office.ring), 0);
    ck_assert_int_eq(vault_create(office.crypto, office.ring, &problem), STATUS_OK);
    office_restart(&office);
    ck_assert_int_eq(desk_fits(office.desk), STATUS_TAMPERED);
    office_close(&office);
}
END_TEST

START_TEST(an_edit_of_head_or_first_entry_is_no_reason_to_serve_nobody)
{
    static const char *const edits[] = {"UPDATE head SET count = count + 1",
                                        "UPDATE head SET key_id = 77",
                                        "UPDATE entry SET actor = 'x' WHERE seq = 1",
                                        "DELETE FROM entry",
                                        "DELETE FROM head",
                                        "UPDATE head SET count = -1",
                                        "UPDATE head SET tag = x'00'"};
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        office_open(&office);
        office_sql(&office, "%s", edits[i]);
        ck_assert_int_eq(desk_fits(office.desk), STATUS_OK);
        office_close(&office);
    }
}
END_TEST

START_TEST(an_edit_of_both_is_told_as_foreign)
{
    office_open(&office);
    office_sql(&office, "UPDATE head SET count = count + 1; DELETE FROM entry WHERE seq = 1");
    ck_assert_int_eq(desk_fits(office.desk), STATUS_TAMPERED);
    office_close(&office);
}
END_TEST

SUITE("fit", a_key_ring_fits_its_own_store, another_installations_key_ring_does_not_fit,
      an_edit_of_head_or_first_entry_is_no_reason_to_serve_nobody, an_edit_of_both_is_told_as_foreign)
