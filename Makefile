# The commands of ./run, for those who have make; ./run does the work and needs no make.
#
#   make demo AUDIO=my.wav ROBOT=my.urdf OUT=folder
#   make live AUDIO=my.wav              (a sample voice without AUDIO)
#   make test PYTEST="-k limits"        (further arguments of pytest)
#   make mutants AREA=control COUNT=150
#   make hostile MESSAGES=60 STOPS=4 KILLS=1
#   make train CONFIG=paired DATA=folder

audio := $(if $(AUDIO),--audio '$(AUDIO)')
robot := $(if $(ROBOT),--robot '$(ROBOT)')
data := $(if $(DATA),--data '$(DATA)')
out := $(if $(OUT),--out '$(OUT)')

.DEFAULT_GOAL := help
.PHONY: help venv demo live doctor test check lint types imports messages bench mutants hostile train docs api clean

help doctor lint types imports messages bench docs api clean:
	@./run $@

venv:
	@./run env

demo:
	@./run demo $(audio) $(robot) $(out)

live:
	@./run live $(audio) $(robot)

test check:
	@./run $@ $(PYTEST)

mutants:
	@./run mutants $(AREA) $(if $(COUNT),--count $(COUNT))

hostile:
	@./run hostile $(if $(MESSAGES),--messages $(MESSAGES)) $(if $(STOPS),--stops $(STOPS)) \
	  $(if $(KILLS),--kills $(KILLS))

train:
	@./run train $(CONFIG) $(data) $(out)
