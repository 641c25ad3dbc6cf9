#include "support/builders.hpp"

#undef TERASTAL_TEST_SUPPORT_COMPILED
#include "support/builders_inl.hpp"
