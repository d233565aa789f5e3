#include "suite.h"

#include "census.h"

static struct census census;

START_TEST(one_uid_has_sixteen_places_at_the_public_door)
{
    census_begin(&census, 4096);
    for (unsigned i = 0; i < CENSUS_PER_UID; i++)
        ck_assert(census_admit(&census, DOOR_PUBLIC, 1000));
    ck_assert(!census_admit(&census, DOOR_PUBLIC, 1000));
    ck_assert(census_admit(&census, DOOR_PUBLIC, 1001));
    census_leave(&census, DOOR_PUBLIC, 1000);
    ck_assert(census_admit(&census, DOOR_PUBLIC, 1000));
    ck_assert(!census_admit(&census, DOOR_PUBLIC, 1000));
}
END_TEST

START_TEST(two_thousand_uids_take_no_place_of_trusted_callers_and_admins)
{
    unsigned admitted = 0;
    census_begin(&census, 4096);
    for (uint32_t uid = 100000; uid < 102000; uid++)
        admitted += census_admit(&census, DOOR_PUBLIC, uid) ? 1 : 0;
    ck_assert_uint_eq(admitted, CENSUS_PUBLIC_MAX);
    for (unsigned i = 0; i < CENSUS_TRUSTED_MAX; i++)
        ck_assert(census_admit(&census, DOOR_TRUSTED, 0));
    ck_assert(!census_admit(&census, DOOR_TRUSTED, 0));
    for (unsigned i = 0; i < CENSUS_ADMIN_MAX; i++)
        ck_assert(census_admit(&census, DOOR_ADMIN, 0));
    ck_assert(!census_admit(&census, DOOR_ADMIN, 0));
    for (uint32_t uid = 100000; uid < 102000; uid++)
        census_leave(&census, DOOR_PUBLIC, uid);
    ck_assert_uint_eq(census.public_count, 0);
    ck_assert_uint_eq(census.uid_count, 0);
    ck_assert(census_admit(&census, DOOR_PUBLIC, 1000));
}
END_TEST

START_TEST(a_configured_peer_has_more_places_than_a_user)
{
    census_begin(&census, 4096);
    for (unsigned i = 0; i < CENSUS_PER_PEER; i++)
        ck_assert(census_admit(&census, DOOR_PEER, 118));
    ck_assert(!census_admit(&census, DOOR_PEER, 118));
}
END_TEST

START_TEST(few_descriptors_are_shared_out_and_never_promised_twice)
{
    for (size_t files = 0; files < 3000; files += 13) {
        census_begin(&census, files);
        size_t all = (size_t)census.public_max + census.trusted_max + census.admin_max;
        ck_assert_uint_le(all + (files > CENSUS_OWN_FILES ? CENSUS_OWN_FILES : files), files);
    }
    census_begin(&census, 256);
    ck_assert_uint_eq(census.admin_max, CENSUS_ADMIN_MAX);
    ck_assert_uint_ge(census.trusted_max, 64);
    ck_assert_uint_ge(census.public_max, 32);
}
END_TEST

SUITE("census", one_uid_has_sixteen_places_at_the_public_door,
      two_thousand_uids_take_no_place_of_trusted_callers_and_admins, a_configured_peer_has_more_places_than_a_user,
      few_descriptors_are_shared_out_and_never_promised_twice)
